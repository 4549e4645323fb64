"""Reading planned works."""
