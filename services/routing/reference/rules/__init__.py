"""Pure decisions by reference data: who is competent, what a text names."""
