"""People: their accounts, how they sign in, and what keeps others from doing so (ADR 46)."""
