"""What tests and measurements share: the whole system as a process, servers, waiting, readings of the database."""
