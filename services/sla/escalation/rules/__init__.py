"""When timers fire, and what is known of those that have."""
