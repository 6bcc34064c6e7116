# filled as cli/ grows
