"""Webhooks of portals."""
