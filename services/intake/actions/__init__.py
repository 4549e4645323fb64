"""Each changes state with one verb and never commits."""
