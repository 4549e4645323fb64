"""Intake over HTTP: no logic, only the edge."""
