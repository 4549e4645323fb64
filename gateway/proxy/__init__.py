"""The hot path: one raw ASGI function between the door and the services."""
