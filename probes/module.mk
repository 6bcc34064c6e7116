# filled as probes/ grows
