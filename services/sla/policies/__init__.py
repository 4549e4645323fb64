"""What a region has decided: how long each clock runs, who hears of it, and by which calendar."""
