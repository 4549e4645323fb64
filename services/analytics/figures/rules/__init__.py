"""What a figure means, each defined once: `measures` over the rows of the store."""
