"""Reading what was learned."""
