"""Pure: what becomes of a decision (`moves`), what it is judged by (`subjects`), and what is asked and found (`effects`)."""
