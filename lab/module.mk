# filled as lab/ grows
