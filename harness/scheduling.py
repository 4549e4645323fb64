"""How `make test` shares its tests out among workers."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

# What one worker of `make test` runs by itself, since it shares one start of the session's whole system; any other file is a
# group of its own. The longest come first, so that the workers end together.
GROUPS = ("tests/journeys/",)
FIRST = (
    "tests/journeys/test_replaying_a_file.py",
    "tests/journeys/",
    "tests/chaos/test_kill_nine.py",
    "tests/chaos/",
)


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of one group stay together on one worker, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((group for group in GROUPS if file.startswith(group)), file)


# pytest calls it only where it stands in a `conftest.py`: tests/conftest.py imports it.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    """How the tests are shared out where there are several workers."""
    return GroupScheduling(config, log)


def turn_of(item: pytest.Item) -> int:
    """When a test comes: the smaller, the earlier."""
    return next((turn for turn, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))


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
