"""Reading incidents."""
