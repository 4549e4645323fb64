"""Reading assignments."""
