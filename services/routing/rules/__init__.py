"""Pure decisions of routing: who is competent, where it happened, which move is allowed now."""
