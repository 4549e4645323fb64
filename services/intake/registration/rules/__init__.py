"""What may be registered, and the forms of numbers, codes and searches: pure."""
