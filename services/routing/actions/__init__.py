"""What changes state; one function per verb, none commits."""
