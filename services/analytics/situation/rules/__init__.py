"""Pure: what of a region comes first at a glance."""
