"""Outgoing webhooks: signatures, addresses, repeats."""
