"""Decisions about incidents: no I/O, no clock."""
