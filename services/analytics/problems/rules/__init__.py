"""What a problem is: `identity` (the same one, or another), `states` (what people make of it), `looks` (when a region is looked
through), `places` (what it covers), `discoveries` (which of
many tests are believed), `explaining` (in words), `reasons` (what may stand there), `known` (a problem as
they see it)."""
