# filled as collector/ grows
