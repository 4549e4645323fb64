"""What social networks send, read into one form; and what becomes of it: pure."""
