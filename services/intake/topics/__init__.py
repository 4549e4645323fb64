"""The regions' topics, as routing announces them: what forms offer and Open311 calls services."""
