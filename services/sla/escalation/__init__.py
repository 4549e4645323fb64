"""Who hears of a deadline, and when: timers, what they say, the feed of escalations."""
