"""Writes the generated half of the Python client (`clients/python`): a model for every schema of the published OpenAPI
document, and a method for every operation, grouped as the reference's tags are. `make check` compares, so it cannot drift."""
