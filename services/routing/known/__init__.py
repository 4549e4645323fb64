"""What is known near a citizen already: incidents, planned works; who finds it there need not write."""
