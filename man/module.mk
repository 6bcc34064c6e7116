# filled as man/ grows
