"""The ten automatic checks of an answer, one small module each; `inspection` runs them."""
