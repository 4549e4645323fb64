"""One decision a transaction; running clocks follow."""
