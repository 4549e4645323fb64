"""Changing incidents."""
