"""Answers to the point: checks, review, second signature, templates, similar cases, what organisations are returned."""
