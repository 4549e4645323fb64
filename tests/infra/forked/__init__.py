"""A part as small as one can be, for the fork server to become."""
