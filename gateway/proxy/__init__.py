"""The hot path: one raw ASGI function between the listener and the services."""
