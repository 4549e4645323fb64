"""Names of what ends the rests of this service's workers."""

TIMERS = "timers"
REDATINGS = "redatings"
