"""More days: asked for by an organisation, decided by a coordinator."""
