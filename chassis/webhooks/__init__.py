"""Outgoing webhooks: what a service's feed of changes holds for one owner is also called out to addresses of the owner's.

Of a service that has them the routes, tables, workers are the same; what differs is its `WebhookOffer` (ADR 53).
"""
