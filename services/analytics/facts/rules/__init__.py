"""How facts come together: `upserts` (how two halves of a row merge), `facts` (the rows of a batch), `projections`."""
