"""Deadlines of a region at one glance."""
