"""Appeals in, over HTTP: one by one and in batches."""
