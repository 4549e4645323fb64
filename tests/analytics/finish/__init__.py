"""When appeals are likely to be answered."""
