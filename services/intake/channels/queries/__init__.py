"""Connections, what came through them, and where an appeal comes from."""
