"""Incidents: many appeals about one event in one place and time."""
