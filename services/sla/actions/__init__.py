"""What changes the state of deadlines, one function per verb."""
