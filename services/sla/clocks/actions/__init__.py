"""Facts are kept, clocks counted anew, decisions followed."""
