"""Reading reference data, for people and, cached, for decisions."""
