# unit tests: collector
