"""Text → topic (and agency, when trained on them): hashed word features and a calibrated linear model."""
