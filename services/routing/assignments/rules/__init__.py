"""Pure: the life of an assignment, why it is where it is, who goes on with it."""
