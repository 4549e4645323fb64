"""Reference data over HTTP."""
