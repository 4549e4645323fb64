"""Learning from work: labels, models of regions, shadow, audits, proposals of topics."""
