"""Reading what was announced, and passing it on to who listens."""
