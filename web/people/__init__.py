"""Who uses the pages: signing in and out, the session that a browser keeps, one's own account."""
