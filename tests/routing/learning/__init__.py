"""Learning from work."""
