"""Creating, changing and ending planned works; answering by their notices."""
