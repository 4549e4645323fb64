"""The calls of the public contract, by noun."""
