"""The centre's pages: what waits for a coordinator, and what a coordinator decides."""
