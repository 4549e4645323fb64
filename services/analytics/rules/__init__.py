"""The pure heart of analytics: what a figure means and how facts come together.

`shapes` (how two halves of a row merge) → `projections` (events → facts) → `frames`, `measures` (facts → figures, each
defined once) → `periods` (previous period, points of a series) → `cells` (the map).
"""
