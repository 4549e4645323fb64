"""What citizens see: the form, their appeal, the map and figures, the form for other sites."""
