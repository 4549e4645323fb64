"""What crosses a border between services: event classes, one file per publisher, and reference data."""
