"""Acts of learning: draw, decide, train, promote."""
