"""Taking what networks deliver, asking those that deliver nothing, and connecting pages."""
