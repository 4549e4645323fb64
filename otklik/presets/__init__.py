"""Exports of other systems, known by their headers: what their columns hold, and how their values are written."""

from otklik.presets.exports import INCIDENTS, POS, PRESETS, Preset
from otklik.presets.recognition import Recognition, known_headings, recognise_preset

__all__ = ["INCIDENTS", "POS", "PRESETS", "Preset", "Recognition", "known_headings", "recognise_preset"]
