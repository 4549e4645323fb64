"""Settings: people and clients, who does what, what is due when, the year, and how the parts are."""
