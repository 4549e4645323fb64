"""Facts are stored, clocks counted anew, decisions followed."""
