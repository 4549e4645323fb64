"""Who hears of a deadline, and when: timers, what they send, the feed of escalations."""
