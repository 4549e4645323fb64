"""Forms on other sites: a person writes there, with scripts or without, and floods register nothing."""
