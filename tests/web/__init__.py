"""Pages: what is pure in them."""
