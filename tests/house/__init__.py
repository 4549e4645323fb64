"""What the house measures about its own code, and the lists of what is not yet as it should be."""
