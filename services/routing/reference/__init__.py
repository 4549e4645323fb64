"""Reference data of regions: topics, organisations, territories, competence rules, settings."""
