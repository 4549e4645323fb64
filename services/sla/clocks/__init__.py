"""An appeal's clocks: its journal of facts, and what follows from it."""
