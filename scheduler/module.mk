# filled as scheduler/ grows
