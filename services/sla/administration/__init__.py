"""A region's decisions about its calendar, policies and settings, and the operator's rebuild."""
