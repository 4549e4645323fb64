"""Planned works: fitting, answering, the API."""
