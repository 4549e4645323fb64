"""What a history means: pure."""
