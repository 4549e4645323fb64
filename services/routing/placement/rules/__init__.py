"""Pure decisions: topic, territory, competence, and when a person has to decide."""
