"""What citizens' texts mean: their kind, how urgent they are, their language. Pure; words and weights are files beside the code."""

from meaning.languages import NAMES as LANGUAGE_NAMES
from meaning.languages import RUSSIAN, UNKNOWN
from meaning.reading import read
from meaning.values import Importance, Judged, Kind, Meaning

__all__ = ["LANGUAGE_NAMES", "RUSSIAN", "UNKNOWN", "Importance", "Judged", "Kind", "Meaning", "read"]
