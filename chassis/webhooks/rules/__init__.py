"""Signatures, addresses and repeats of outgoing calls: pure."""
