"""The workplace of an organisation: its queue, one appeal, the head's view, common events, planned works."""
