"""Access tokens: the secrets they are asked for with, the keys that sign them, the checks they pass."""
