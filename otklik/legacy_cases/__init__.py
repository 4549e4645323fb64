"""Past cases from the files of other systems: columns found by their usual names, or as they are given."""

from otklik.legacy_cases.mapper import LegacyCaseMapper

__all__ = ["LegacyCaseMapper"]
