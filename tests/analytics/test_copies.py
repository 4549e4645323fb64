"""The copy of the facts says what the facts say, whatever is asked, in whatever order events came, whatever broke it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.analytics.store.rules.filters import EVERYTHING, Filter, Scope
from services.analytics.store.rules.periods import Period
from tests.analytics.conftest import Project
from tests.analytics.copying import Copied, assert_copy_equals_facts
from tests.analytics.histories import BODIES, CHANNELS, PLACES, TOPICS
from tests.analytics.stories import events_of, live_cases
from tests.analytics.test_projections import cut

DAYS = st.dates(date(2026, 8, 25), date(2026, 11, 5))
BODY_IDS = st.sampled_from([body.id for body in BODIES])
MUNICIPALITIES = st.sampled_from([place[:8] for places in PLACES.values() for place in places])


def some(values: st.SearchStrategy[object]) -> st.SearchStrategy[object | None]:
    """One of them, or no limit."""
    return st.one_of(st.none(), values)


SCOPES = st.builds(
    Scope,
    regions=some(st.lists(st.sampled_from(["46", "25", "77"]), max_size=3, unique=True).map(tuple)),
    municipalities=some(st.lists(MUNICIPALITIES, max_size=2, unique=True).map(tuple)),
    organisation=some(BODY_IDS),
)
FILTERS = st.builds(
    Filter,
    region=some(st.sampled_from(["46", "25"])),
    scope=SCOPES,
    period=st.builds(Period, some(DAYS), some(DAYS)),
    municipality=some(MUNICIPALITIES),
    organisation=some(BODY_IDS),
    topic=some(st.sampled_from([topic.code for topic in TOPICS])),
    group=some(st.sampled_from([topic.group for topic in TOPICS])),
    channel=some(st.sampled_from(CHANNELS)),
)
ALL = Filter(None, EVERYTHING, Period())


@pytest.fixture
async def filled(projected: Project, copied: Copied) -> Copied:
    """A copy of 80 appeals' facts: of the first half when it is made, of the second as they come."""
    cases = live_cases(Random(31), 80)
    await projected(events_of(cases[:40]))
    await copied.begin()
    await projected(events_of(cases[40:]))
    await copied.follow()
    return copied


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(filters=FILTERS)
async def test_both_stores_say_the_same_of_any_filter(filters: Filter, filled: Copied) -> None:
    """Every measure, as a whole and by every dimension and day: counts exactly, others but for the last digits."""
    await assert_copy_equals_facts(filled, filters)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(seed=st.integers(0, 2**32))
async def test_shuffled_doubled_and_late_events_end_in_the_same_copy(
    seed: int, projected: Project, filled: Copied
) -> None:
    """Whatever the order, the copy follows the facts batch by batch."""
    random = Random(seed)
    events = events_of(live_cases(random, 8))
    doubled = [*events, *random.sample(events, len(events) // 2)]
    random.shuffle(doubled)
    for batch in cut(random, doubled):
        await projected(batch)
        if random.random() < 0.5:
            await filled.follow()
    await filled.follow()
    await assert_copy_equals_facts(filled, ALL)


HOSTILE = [
    Scope((), None, None),
    Scope(("46' OR true --",), None, None),
    Scope(("46",), (), None),
    Scope(("46",), ("%",), None),
    Scope(("46",), ("'",), None),
    Scope(("46",), None, UUID(int=0)),
]


async def test_a_scope_of_nothing_opens_nothing(filled: Copied) -> None:
    """Empty, malformed or unknown: closed, in either store, whatever is asked beside it."""
    for scope in HOSTILE:
        for region in (None, "46", "25"):
            answers = await assert_copy_equals_facts(filled, Filter(region, scope, Period()))
            assert answers[0][0] == 0, (scope, region)


async def test_asking_never_widens_a_scope(filled: Copied) -> None:
    """Another region, municipality or organisation than one's own: nothing of it."""
    own = Scope(("46",), (PLACES["46"][0],), BODIES[0].id)
    for asked in (
        Filter("25", own, Period()),
        Filter(None, own, Period(), organisation=BODIES[1].id),
        Filter(None, own, Period(), municipality=PLACES["46"][1]),
    ):
        assert (await assert_copy_equals_facts(filled, asked))[0][0] == 0
    assert (await assert_copy_equals_facts(filled, Filter(None, own, Period())))[0][0] > 0


async def test_parts_of_a_drill_down_add_up_to_their_parent(filled: Copied) -> None:
    """Region by region and month by month, where a month ends by each region's own clock."""
    whole = (await assert_copy_equals_facts(filled, ALL))[0]
    assert whole[0] == 80
    months = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
    parts = [
        (await assert_copy_equals_facts(filled, Filter(region, EVERYTHING, Period(start, end))))[0]
        for region in ("46", "25")
        for start, end in pairwise(months)
    ]
    counted = [place for place, value in enumerate(whole) if isinstance(value, int)]
    assert [sum(part[place] for part in parts) for place in counted] == [whole[place] for place in counted]
    edges = [
        Period(months[1] - timedelta(days=1), months[1]),
        Period(months[1], months[1] + timedelta(days=1)),
    ]
    for period in edges:
        await assert_copy_equals_facts(filled, Filter("25", EVERYTHING, period))
