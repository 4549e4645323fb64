"""Clients: who may ask for tokens, managed by admins."""
