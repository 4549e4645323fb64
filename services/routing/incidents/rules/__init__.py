"""When reports tell of one event: pure."""
