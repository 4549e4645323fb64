"""Files as programs and people leave them behind: a corpus that judges the reading of exports."""

from tests.otklik.dirty.cases import Dirty
from tests.otklik.dirty.sheets import SHEETS
from tests.otklik.dirty.texts import TEXTS
from tests.otklik.dirty.values import VALUES

CORPUS: tuple[Dirty, ...] = (*TEXTS, *VALUES, *SHEETS)

__all__ = ["CORPUS", "Dirty"]
