"""Webhooks of organisations."""
