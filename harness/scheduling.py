"""How `make test` shares its tests out among workers."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

JOURNEYS = "tests/journeys/"
# Journeys that leave the region other than the demo has made it – another form, other names and rules, a second region –, so that
# whoever comes after them in the same system meets what nobody expects.
DISTURBING = frozenset(
    f"{JOURNEYS}{name}.py"
    for name in (
        "test_a_new_region",
        "test_every_path",
        "test_examples_are_accepted",
        "test_foreign_objects",
        "test_nothing_breaks_it",
        "test_reference_files",
        "test_who_may_do_what",
        "pages/test_every_page",
        "pages/test_few_calls",
        "pages/test_foreign_pages",
        "pages/test_officials_hostile_words",
    )
)
# The longest come first, so that the workers end together.
FIRST = (f"{JOURNEYS}test_replaying_a_file.py", JOURNEYS, "tests/chaos/test_kill_nine.py", "tests/chaos/")


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Journeys stay together on one worker, since they share one start of the whole system, and those that disturb share another;
    any other file is a group of its own. The tests of a group keep their order."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in DISTURBING:
            return "disturbing"
        return JOURNEYS if file.startswith(JOURNEYS) else file


# pytest calls it only where it stands in a `conftest.py`: tests/conftest.py imports it.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    """How the tests are shared out where there are several workers."""
    return GroupScheduling(config, log)


def turn_of(item: pytest.Item) -> tuple[int, bool]:
    """When a test comes: the smaller, the earlier; what disturbs comes after its like."""
    turn = next((turn for turn, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))
    return turn, item.nodeid.partition("::")[0] in DISTURBING


def keep_stories(items: list[pytest.Item]) -> None:
    """Files marked `in_order` tell one story, each test going on where the one before ended: as they are written."""
    places: dict[Path, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        if item.get_closest_marker("in_order"):
            places[item.path].append(place)
    for mine in places.values():
        as_written = sorted((items[place] for place in mine), key=lambda item: item.location[1] or 0)
        for place, item in zip(mine, as_written, strict=True):
            items[place] = item
