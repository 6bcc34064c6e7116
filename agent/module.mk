# filled as agent/ grows
