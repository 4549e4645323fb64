"""Everything technical that the services share, and nothing about appeals."""
