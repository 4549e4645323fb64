"""Journeys over the pages, in a real browser."""
