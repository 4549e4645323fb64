"""What administrators do with widgets, and what people send through them."""
