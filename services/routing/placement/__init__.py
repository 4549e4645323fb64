"""Where appeals go: classified, located, given to whoever is competent; legacy cases and their removal."""
