"""Events as facts, and facts as they are kept."""
