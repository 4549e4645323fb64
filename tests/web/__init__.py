"""Rules of the pages, without a browser."""
