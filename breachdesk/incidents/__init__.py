"""A breach is logged: takes what someone tells us, gives facts, corrected, never rewritten."""
