"""Changing reference data."""
