"""The page of settings is whole: whatever a process reads has a meaning there, and so have the variables that only code names."""

from __future__ import annotations

import re

import pytest

from chassis.settings import Settings
from harness.databases import PROJECT
from infra.settings_table import FILE, settings_of, settings_page
from tests.house.sources import product_sources

_VARIABLE = re.compile(r"\bOTKLIK_[A-Z][A-Z_0-9]*[A-Z0-9]\b")
# Made by one process of ours for another, or parts of names.
INSIDE = {"OTKLIK_RUNTIME_HOME", "OTKLIK_RUNNING_HOME"}


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text() == settings_page()


def test_every_variable_that_the_code_names_is_on_it() -> None:
    named = {name for path in product_sources() for name in _VARIABLE.findall(path.text)}
    compose = (PROJECT / "docker-compose.yml").read_text()
    page = settings_page()
    assert len(named) > 30
    assert {name for name in named - INSIDE if f"`{name}`" not in page} == set()
    assert {name for name in _VARIABLE.findall(compose) if f"`{name}`" not in page} == set()


def test_a_setting_without_a_meaning_is_refused() -> None:
    class Silent(Settings):
        """With a field of its own."""

        loudness: int = 1

    with pytest.raises(SystemExit, match=r"Silent\.loudness has no meaning"):
        list(settings_of(Silent))


def test_bounds_and_choices_are_shown() -> None:
    page = settings_page()
    assert "| `OTKLIK_TOKEN_SECONDS` | `600` | s, ≥ 30, ≤ 600 |" in page
    assert "| `OTKLIK_UNKNOWN_FIELDS` | `refuse` | `refuse` or `warn` |" in page
    assert "| `OTKLIK_HASH_KEY` | secret |" in page
