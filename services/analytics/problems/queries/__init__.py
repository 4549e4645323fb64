"""Reading problems: `register` (the list), `details` (one of them), `evidence` (appeals behind it), `organisations` (those that
differ from what was to be expected), `runs` (how far regions have been looked through)."""
