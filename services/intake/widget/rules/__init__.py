"""Tokens of forms, proofs of work, origins and pages: pure."""
