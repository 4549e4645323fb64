"""What the standard's documents hold, and how administrators say what is asked about a topic."""
