"""The demo reference data of region 46: whole, consistent and routable. Pure: reads the CSV files only."""

import csv
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from otklik.ranking import demo_reference
from services.routing.placement.rules.locations import locate

FOLDER = Path(__file__).resolve().parents[2] / "infra" / "demo" / "region_46"
HEADERS = {
    "groups": ["code", "name"],
    "topics": ["code", "name", "group"],
    "organisations": ["code", "name", "kind", "parent", "municipality"],
    "municipalities": ["oktmo", "name", "kind", "stems"],
    "settlements": [
        *("code", "name", "kind", "municipality", "oktmo", "formation"),
        *("lat", "lon", "population", "aliases", "namesakes"),
    ],
    "streets": ["settlement", "name"],
    "rules": [
        *("topic", "group", "municipality", "organisation", "role", "comment"),
        *("season_from", "season_to", "service"),
    ],
    "service_areas": ["organisation", "service", "municipality", "street", "houses", "comment"],
}
OWN = {"gov-46", "cur-46"}  # nodes of our own, not in the sample
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Row = dict[str, str]
Key = tuple[str, str, str]


@cache
def table(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == HEADERS[name]
    assert all(None not in row and None not in row.values() for row in rows), f"ragged rows in {name}"
    return rows


def codes(name: str) -> set[str]:
    return {row["oktmo" if name == "municipalities" else "code"] for row in table(name)}


@cache
def leads() -> dict[Key, str]:
    return {
        (r["topic"], r["group"], r["municipality"]): r["organisation"]
        for r in table("rules")
        if r["role"] == "lead"
    }


def resolve(topic: Row, municipality: str, *, municipality_first: bool = False) -> str | None:
    """Most specific lead rule; the two orders of specificity differ in which of topic and territory counts more."""
    keys: list[Key] = [(topic["code"], "", municipality), (topic["code"], "", "")]
    keys += [("", topic["group"], municipality), ("", topic["group"], "")]
    if municipality_first:
        keys = [keys[0], keys[2], keys[1], keys[3]]
    return next((leads()[key] for key in keys if key in leads()), None)


def recognised(text: str) -> set[str]:
    location = locate(demo_reference(), None, None, text)
    return set(filter(None, (location.municipality, *location.contested)))


def test_sizes_and_groups() -> None:
    assert len(table("groups")) == 26
    assert len(table("topics")) == 160
    assert len(table("organisations")) == 75 + len(OWN)
    assert {t["group"] for t in table("topics")} <= codes("groups")


@pytest.mark.parametrize("name", ["groups", "topics", "organisations"])
def test_codes_and_names_are_unique_and_codes_are_slugs(name: str) -> None:
    rows = table(name)
    assert len(codes(name)) == len(rows) == len({row["name"] for row in rows})
    for row in rows:
        assert SLUG.fullmatch(row["code"]), row
        assert len(row["code"]) <= 48, row


def test_municipalities() -> None:
    rows = table("municipalities")
    assert len(codes("municipalities")) == len(rows) == len({m["name"] for m in rows})
    seen: Counter[str] = Counter()
    for m in rows:
        assert re.fullmatch(r"38[67]\d{5}", m["oktmo"]), m
        assert m["kind"] in {"city", "district", "town"}
        stems = m["stems"].split("|") if m["stems"] else []
        assert stems or m["kind"] != "district", m
        assert all(s and s == s.strip().lower() and "ё" not in s for s in stems), m
        seen.update(stems)
    assert max(seen.values()) == 1, "a stem recognises two municipalities"


@pytest.mark.parametrize(
    ("text", "oktmo"),
    [
        ("живу в льговском районе", "38622000"),
        ("яма в центре льгова", "38710000"),
        ("дорога железногорского района", "38610000"),
        ("г. железногорск, двор", "38705000"),
        ("курский район, дорога", "38620000"),
        ("автобус в городе курске", "38701000"),
        ("щигровского района", "38650000"),
        ("в щиграх нет света", "38715000"),
        ("обоянский р-н", "38626000"),
        ("город обоянь", "38626101"),
        ("курчатовского района", "38621000"),
        ("в курчатове", "38708000"),
        ("рыльскому району", "38634000"),
        ("в рыльске", "38634101"),
        ("житель курской области", None),
        ("проедет в курскую область", None),
        ("в курском районе", "38620000"),
    ],
)
def test_district_and_city_stems_do_not_swallow_each_other(text: str, oktmo: str | None) -> None:
    assert recognised(text) == ({oktmo} if oktmo else set())


def test_settlements_lie_in_municipalities_and_have_codes_that_say_whether_they_are_official() -> None:
    rows = table("settlements")
    assert len(codes("settlements")) == len(rows) >= 330
    for row in rows:
        assert row["municipality"] in codes("municipalities"), row
        assert row["oktmo"] in ("", row["oktmo"][:8]), row
        assert row["oktmo"][:5] in ("", row["municipality"][:5]), row
        official = re.fullmatch(r"\d{11}", row["code"])
        assert official or re.fullmatch(r"46-[a-z0-9-]+", row["code"]), row
        assert not official or row["code"][:5] == row["municipality"][:5], row
        assert bool(row["lat"]) == bool(row["lon"]), row
        assert not row["lat"] or (50.8 < float(row["lat"]) < 52.5 and 34.0 < float(row["lon"]) < 38.6), row
        assert row["namesakes"] in ("", "yes"), row
    assert {row["municipality"] for row in rows} == codes("municipalities")
    assert {row["settlement"] for row in table("streets")} <= codes("settlements")


def test_organisations_form_a_tree() -> None:
    parent = {o["code"]: o["parent"] for o in table("organisations")}
    assert [code for code, up in parent.items() if not up] == ["gov-46"]
    for start, above in parent.items():
        path, at = {start}, above
        while at:
            assert at in parent, f"{start}: no such parent {at}"
            assert at not in path, f"cycle at {at}"
            path.add(at)
            at = parent[at]
    for o in table("organisations"):
        assert o["kind"] in {"federal", "regional", "municipal", "enterprise", "company", "coordinator"}
        assert not o["municipality"] or o["municipality"] in codes("municipalities"), o


def test_rules_refer_to_what_exists() -> None:
    for r in table("rules"):
        assert not (r["topic"] and r["group"]), r
        assert r["topic"] or r["group"] or r["municipality"], r
        assert not r["topic"] or r["topic"] in codes("topics"), r
        assert not r["group"] or r["group"] in codes("groups"), r
        assert not r["municipality"] or r["municipality"] in codes("municipalities"), r
        assert r["organisation"] in codes("organisations"), r
        assert r["role"] in {"lead", "co_executor"}, r


def test_served_houses_are_marked_as_demo_data() -> None:
    for area in table("service_areas"):
        assert area["organisation"] in codes("organisations"), area
        assert area["municipality"] in codes("municipalities"), area
        assert area["comment"] == "демонстрационные данные", area
    assert {o["code"] for o in table("organisations") if o["kind"] == "company"} == {
        area["organisation"] for area in table("service_areas")
    }


def test_one_lead_per_topic_and_territory() -> None:
    lead = [(r["topic"], r["group"], r["municipality"]) for r in table("rules") if r["role"] == "lead"]
    assert len(lead) == len(set(lead))
    said = [(r["topic"], r["group"], r["municipality"], r["organisation"]) for r in table("rules")]
    assert [key for key, times in Counter(said).items() if times > 1] == []


def test_every_topic_and_group_resolves_region_wide() -> None:
    assert [t["code"] for t in table("topics") if resolve(t, "") is None] == []
    assert {g for _, g, m in leads() if g and not m} == codes("groups")


def test_no_appeal_reaches_the_coordinator_as_executor() -> None:
    assert "cur-46" not in {r["organisation"] for r in table("rules")}


def test_outcome_does_not_hang_on_the_order_of_specificity() -> None:
    for topic in table("topics"):
        for municipality in codes("municipalities"):
            assert resolve(topic, municipality) == resolve(topic, municipality, municipality_first=True), (
                topic["code"],
                municipality,
            )


def test_a_local_body_never_leads_outside_its_territory() -> None:
    home = {o["code"]: o["municipality"] for o in table("organisations")}
    for topic in table("topics"):
        for municipality in codes("municipalities"):
            body = resolve(topic, municipality)
            assert body is not None
            # a town inside a district may be served by the district: same first five digits
            assert not home[body] or home[body][:5] == municipality[:5], (topic["code"], municipality, body)


def test_every_organisation_can_receive_assignments() -> None:
    assert codes("organisations") - OWN - {r["organisation"] for r in table("rules")} == set()


def test_names_equal_the_sample() -> None:
    folder = os.environ.get("OTKLIK_SAMPLES")
    if not folder:
        pytest.skip("OTKLIK_SAMPLES is not set")
    with (Path(folder) / "kursk_appeals.csv").open(encoding="utf-8", newline="") as file:
        sample = list(csv.DictReader(file))
    assert {t["name"] for t in table("topics")} == {row["topic"] for row in sample}
    names = {o["name"] for o in table("organisations") if o["code"] not in OWN}
    assert names == {row["agency"] for row in sample}
