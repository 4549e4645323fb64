"""Incidents: many appeals about one event, found by rules, confirmed, put right and answered by people."""
