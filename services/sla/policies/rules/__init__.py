"""What a region has decided: which policy gives a clock its length, who hears of it, everything together at any
instant."""
