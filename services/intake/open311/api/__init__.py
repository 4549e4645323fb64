"""The standard's own routes, and those of administrators."""
