# filled as web/ grows
