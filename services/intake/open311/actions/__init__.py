"""What clients do over Open311, and what administrators set there."""
