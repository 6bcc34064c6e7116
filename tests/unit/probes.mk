# unit tests: probes
