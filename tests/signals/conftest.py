"""The real quarter, gone through once."""

from __future__ import annotations

from pathlib import Path

import pytest

from signals import Case, Problem, cases_of, find_problems
from tests.signals.boston import HOLIDAYS, read_quarter


@pytest.fixture(scope="session")
def quarter(samples: Path) -> list[Case]:
    """Its rows."""
    return read_quarter(samples)


@pytest.fixture(scope="session")
def problems(quarter: list[Case]) -> list[Problem]:
    """What is raised in it."""
    return find_problems(cases_of(quarter), HOLIDAYS)
