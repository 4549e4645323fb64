"""A nation's worth of facts for measuring figures: believable, the same for a seed, put into analytics' tables alone."""
