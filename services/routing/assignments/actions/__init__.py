"""Everything that changes assignments: lock, check, transition, announce."""
