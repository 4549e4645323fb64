"""The standard's own forms of dates, documents, statuses and fields: pure."""
