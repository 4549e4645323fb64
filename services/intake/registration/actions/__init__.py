"""Registering appeals."""
