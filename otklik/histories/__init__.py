"""Past cases from the files of other systems: columns found by their usual names, or as they are told."""

from otklik.histories.cases import CaseMapper

__all__ = ["CaseMapper"]
