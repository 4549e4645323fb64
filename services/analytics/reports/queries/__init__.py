"""Reading what reports tell of: figures (`gathering`), and registers beside them (`registers`)."""
