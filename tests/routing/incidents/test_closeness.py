"""When reports tell of one event: rules alone."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.incidents.rules import comparing
from services.routing.incidents.rules.closeness import CLOSE, NEAR, Link, closeness_of
from services.routing.incidents.rules.comparing import Scene
from services.routing.incidents.rules.events import EVENTS, read_events, sure_events
from services.routing.incidents.rules.grouping import LEAST, Group, Regrouped, Standing, follow, regroup
from services.routing.incidents.rules.keys import keys_around, keys_of
from services.routing.incidents.rules.reports import Report, Signs, is_report, make_report, waking_hours
from services.routing.incidents.rules.streets import streets_in_address, streets_in_text

NIGHT = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)  # 23:00 in Курск
PLACES = ("38701000001", "38705000001", "46-belaya", None)
STREETS = ("ленина", "садов", "чехова")
CODES = tuple(EVENTS)[:12]
waking_hours(NIGHT, "46")  # zones are read once


def _any_signs(chance: random.Random) -> Signs:
    """Of a few places and events, so that many relate."""
    place, is_pointed = chance.choice(PLACES), chance.random() < 0.5
    return Signs(
        place,
        place == "46-belaya",
        51.7 + chance.randint(0, 60) * 0.0001 if is_pointed else None,
        36.2 + chance.randint(0, 60) * 0.0001 if is_pointed else None,
        None,
        frozenset(chance.sample(STREETS, chance.randint(0, 2))),
        frozenset(chance.sample(STREETS, chance.randint(0, 1))),
        frozenset(chance.sample(("1", "2", "5к2"), chance.randint(0, 1))),
        {code: chance.randint(1, 9) for code in chance.sample(CODES, chance.randint(0, 4))},
    )


CHANCE = random.Random(46)
SIGNS = [_any_signs(CHANCE) for _ in range(2000)]
# What many report of one street, so that nearly all relate: three events, one of which is of a house.
CROWD = [
    replace(signs, place=PLACES[0], is_small=False, streets=frozenset((STREETS[0],)), events=events)
    for signs in SIGNS[:20]
    for events in ({CODES[0]: 9}, {CODES[1]: 9}, {CODES[0]: 1, CODES[2]: 2}, {})
]


def reports(signs: Sequence[Signs] = SIGNS, minutes: int = 4000) -> st.SearchStrategy[Report]:
    """Any report with some of these signs, of so many minutes."""
    return st.builds(
        lambda id, minute, which: make_report(
            "46", UUID(int=id), NIGHT + timedelta(minutes=minute), signs[which]
        ),
        st.integers(1, 10**9),
        st.integers(0, minutes),
        st.integers(0, len(signs) - 1),
    )


@given(reports(), reports())
def test_who_comes_first_does_not_matter(one: Report, other: Report) -> None:
    assert closeness_of(one, other) == closeness_of(other, one)


@given(reports(), reports())
def test_reports_that_relate_are_found_by_a_place_they_have_in_common(one: Report, other: Report) -> None:
    if closeness_of(one, other) is not None:
        assert keys_around(one.signs) & keys_of(other.signs)
        assert keys_around(other.signs) & keys_of(one.signs)


@given(reports(), reports())
def test_different_settlements_never_relate(one: Report, other: Report) -> None:
    if one.signs.place != other.signs.place:
        assert closeness_of(one, other) is None


def _told(minute: float, *events: str, streets: tuple[str, ...] = STREETS[:1]) -> Report:
    """A report of a city, that surely tells of these events."""
    weights = dict.fromkeys(events, 9)
    signs = Signs(PLACES[0], False, None, None, None, frozenset(streets), frozenset(), frozenset(), weights)
    return make_report("46", UUID(int=1), NIGHT + timedelta(hours=10, minutes=minute), signs)


def test_minutes_say_nothing_of_one_event() -> None:
    first, soon, later = (_told(minute, CODES[0]) for minute in (0, 30, 90))
    assert closeness_of(first, soon) == closeness_of(first, first)
    assert (closeness_of(first, later) or 0) < (closeness_of(first, soon) or 0)


def test_who_names_many_streets_has_one_in_common_by_chance() -> None:
    one, many = _told(0, CODES[0]), _told(0, CODES[0], streets=STREETS)
    scores = [closeness_of(*pair) or 0 for pair in ((one, one), (one, many), (many, many))]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_place_and_time_alone_bring_nobody_together() -> None:
    """A street of a village at one moment, and words that have nothing in common."""
    one, other = _told(0, CODES[0]), _told(0)
    one, other = (replace(each, signs=replace(each.signs, is_small=True)) for each in (one, other))
    vague = replace(other, hints=1 << len(CODES), vector={CODES[1]: 1})
    score = closeness_of(one, vague)
    assert score is not None
    assert NEAR <= score < CLOSE


@given(st.lists(reports(), max_size=12, unique_by=lambda each: each.id), st.randoms(use_true_random=False))
def test_any_order_in_any_batches_gives_the_same_groups(told: list[Report], chance: random.Random) -> None:
    assert _grouped(told, chance) == _components(told)


def _components(told: list[Report]) -> set[frozenset[UUID]]:
    """All at once, by the definition."""
    parent = {each.id: each.id for each in told}

    def find(id: UUID) -> UUID:
        return id if parent[id] == id else find(parent[id])

    for one in told:
        for other in told:
            score = closeness_of(one, other)
            if one.id != other.id and score is not None and score >= CLOSE:
                parent[find(one.id)] = find(other.id)
    groups = {frozenset(id for id in parent if find(id) == root) for root in map(find, parent)}
    return {group for group in groups if len(group) >= LEAST}


def _grouped(told: list[Report], chance: random.Random) -> set[frozenset[UUID]]:
    """One after the other, each batch upon what was found before."""
    waiting = chance.sample(told, len(told))
    here: list[Report] = []
    group_of: dict[UUID, UUID] = {}
    incidents: set[UUID] = set()
    while waiting:
        size = chance.randint(1, 4)
        new, waiting = waiting[:size], waiting[size:]
        here += new
        group_of |= {each.id: each.id for each in new}
        standings = [Standing(each.id, group_of[each.id]) for each in here]
        sizes = {id: list(group_of.values()).count(id) for id in group_of.values()}
        groups = {id: Group(id, size, NIGHT if id in incidents else None) for id, size in sizes.items()}
        links = [
            Link(at, before, score)
            for at in range(len(here) - len(new), len(here))
            for before in range(at)
            if (score := closeness_of(here[at], here[before])) is not None
        ]
        regrouped = regroup(groups, standings, links)
        group_of = {id: regrouped.now(group) for id, group in group_of.items()}
        incidents |= regrouped.begun
    return {
        frozenset(id for id, group in group_of.items() if group == each)
        for each in incidents & {*group_of.values()}
    }


@given(st.lists(reports(CROWD, 60), min_size=4, max_size=14, unique_by=lambda each: each.id), st.data())
def test_pairs_that_are_not_compared_would_change_nothing(told: list[Report], data: st.DataObject) -> None:
    """What is new, what stands in an incident, what a person has put somewhere: the same comes of it as of all pairs."""
    new = data.draw(st.sets(st.integers(0, len(told) - 1), min_size=1))
    ids = [UUID(int=number) for number in (1, 2, 3)]
    scene = Scene()
    for place, each in enumerate(told):
        group = each.id if place in new else data.draw(st.sampled_from([each.id, *ids]))
        is_kept = place not in new and data.draw(st.booleans())
        scene.add(each, Standing(each.id, group, is_kept=is_kept))
    standings = scene.standings
    groups = {each.group: Group(each.group, 0 if each.group in ids else 1, None) for each in standings}
    groups |= {id: Group(id, 0, NIGHT, is_touched=id == ids[0]) for id in ids if id in groups}
    everything = [
        Link(one, other, score)
        for one in range(len(told))
        for other in range(len(told))
        if one in new and (other not in new or other > one)
        if (score := closeness_of(told[one], told[other])) is not None and score >= NEAR
    ]
    found = scene.links([told[place].id for place in sorted(new)])
    assert {(link.one, link.other) for link in found} <= {(link.one, link.other) for link in everything}
    regrouped, expected = (regroup(groups, standings, links) for links in (found, everything))
    assert _partition(standings, regrouped) == _partition(standings, expected)
    assert regrouped.begun == expected.begun
    followed = follow(groups, regrouped, standings, found)
    assert {(each.id, each.similarity) for each in followed} == {
        (each.id, each.similarity) for each in follow(groups, expected, standings, everything)
    }


def test_what_has_come_together_is_not_looked_at_pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of one street: each report is asked a few times what it is part of, not once for every other."""
    asked = 0
    find = comparing._Together._find

    def count(together: comparing._Together, place: int) -> int:
        nonlocal asked
        asked += 1
        return find(together, place)

    monkeypatch.setattr(comparing._Together, "_find", count)
    scene, flood = Scene(), 200
    for number in range(1, flood + 1):
        told = make_report("46", UUID(int=number), NIGHT, CROWD[0])
        scene.add(told, Standing(told.id, told.id if number % 2 else UUID(int=2)))
    links = scene.links([UUID(int=number) for number in range(1, flood + 1)])
    assert len(links) == flood // 2
    assert asked <= 4 * flood


def _partition(standings: list[Standing], regrouped: Regrouped) -> set[frozenset[UUID]]:
    together: dict[UUID, set[UUID]] = defaultdict(set)
    for each in standings:
        together[regrouped.now(each.group)].add(each.id)
    return set(map(frozenset, together.values()))


def test_two_touched_incidents_stay_two() -> None:
    first, second, new = (UUID(int=number) for number in (1, 2, 3))
    groups = {
        first: Group(first, 0, NIGHT, is_touched=True),
        second: Group(second, 0, NIGHT, is_touched=True),
        new: Group(new),
    }
    standings = [Standing(new, new), Standing(UUID(int=8), first), Standing(UUID(int=9), second)]
    regrouped = regroup(groups, standings, [Link(0, 1, 1.0), Link(0, 2, 2.0)])
    assert regrouped.moved == {new: second}


def test_the_night_is_short() -> None:
    def awake(hours: float) -> float:
        return waking_hours(NIGHT + timedelta(hours=hours), "46") - waking_hours(NIGHT, "46")

    assert awake(8) == pytest.approx(1)
    assert awake(9) == pytest.approx(2)
    assert awake(-1) == pytest.approx(-1)
    assert awake(24) == pytest.approx(17)


@pytest.mark.parametrize(
    ("text", "sure", "houses"),
    [
        ("ул. ленина, д. 5: нет воды", {"ленина"}, {"5"}),
        ("на улице карла маркса темно", {"маркса"}, set()),
        ("садовая улица 12к2, лифт стоит", {"садов"}, {"12к2"}),
        ("дом 7, проспект победы", {"победы"}, {"7"}),
        ("пр-т дружбы 9/2 третий день", {"дружбы"}, {"9/2"}),
    ],
)
def test_streets_in_texts(text: str, sure: set[str], houses: set[str]) -> None:
    found = streets_in_text(text)
    assert sure <= found.sure
    assert houses <= found.houses


@pytest.mark.parametrize(
    ("address", "street", "house", "written"),
    [
        ("г. курск, ул. ленина, д. 5", "ленина", "5", "ул. Ленина"),
        ("курская обл., фатежский р-н, с. миленино, садовая, 12а", "садов", "12а", "ул. Садовая"),
        ("пгт касторное, горького 40", "горького", "40", "ул. Горького"),
        ("50 лет октября, дом 3 к. 2", "лет октября 50", "3к2", "ул. 50 лет Октября"),
    ],
)
def test_streets_in_addresses(address: str, street: str, house: str, written: str) -> None:
    found = streets_in_address(address)
    assert (set(found.houses), found.written) == ({house}, written)
    assert found.sure == {street}


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("вторые сутки сидим без света, свечки кончаются", "power_off"),
        ("лифт застрял между этажами", "lift"),
        ("батареи ледяные, спим в куртках", "heating"),
        ("стая собак кидается на детей", "dogs"),
        ("дерево упало поперёк дороги".replace("ё", "е"), "trees"),
        ("мусор не вывозят неделю, баки переполнены", "garbage"),
    ],
)
def test_events_in_texts(text: str, event: str) -> None:
    assert sure_events(read_events(text))[0] == event


def test_questions_report_only_trouble() -> None:
    trouble, plan = (
        "Когда дадут воду? Нет воды второй день",
        "Когда планируется замена труб, нет воды в проекте?",
    )
    assert is_report("question", trouble, read_events(trouble.lower()))
    assert not is_report("question", plan, read_events(plan.lower()))
    assert not is_report("thanks", trouble, read_events(trouble.lower()))
    assert not is_report("nothing", "Доброе утро", {})
    assert is_report("problem", "Беда у нас", {})


def test_an_unknown_code_of_another_release_is_passed_over() -> None:
    signs = Signs(
        None, False, None, None, None, frozenset(), frozenset(), frozenset(), {"of another release": 5}
    )
    report = make_report("46", UUID(int=1), NIGHT, signs)
    assert (report.vector, report.sure) == ({}, 0)
    assert closeness_of(report, replace(report, id=UUID(int=2))) is None
