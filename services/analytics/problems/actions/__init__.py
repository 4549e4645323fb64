"""What changes problems: `looking` (a region is looked through), `registering` (what was found; `keeping`: a problem after that), `deciding` (what people make of
it), `announcing`."""
