"""Who calls, and what is foreign to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.system import Account, System
from tests.journeys.foreign.places import Region59, Values, post
from tests.journeys.foreign.things import (
    AWAY,
    CANARY,
    HOME,
    SECRET,
    announced,
    client,
    hired,
    make_decision,
    make_incident,
    make_problem,
    make_widget,
    queued,
    watched,
)
from tests.journeys.steps import holder, pothole_topic, submitted


@dataclass(frozen=True)
class Foreign:
    """Objects out of somebody's reach by kind, and the word that would betray them."""

    name: str
    values: Values
    canary: str = SECRET


@dataclass(frozen=True)
class Caller:
    """Who calls. `home`: what a call names where it names nothing foreign."""

    name: str
    role: str
    account: Account
    home: Values
    foreign: tuple[Foreign, ...]


def make_callers(region: Region59) -> dict[str, Caller]:
    """Every role, bound to region 46, and strangers inside region 59."""
    system = region.system
    away = (
        Foreign("another region's", region.values, CANARY),
        Foreign("another region's, moderated", {"appeal": region.moderated}, CANARY),
    )
    bound = {
        **{role: system.account(role) for role in ("portal", "coordinator", "analyst")},
        "agency": holder(system, submitted(system, topic=pothole_topic(system))["id"]),
        "federal": client(system, "federal", HOME),
        "admin": client(system, "admin", HOME),
    }
    callers = [
        Caller(f"{role} of 46", role, account, home_values(system), away) for role, account in bound.items()
    ]
    mine = _only(region.values, "appeal", "answer", "webhook")
    portal = Caller(
        "another portal of 59",
        "portal",
        region.accounts["neighbour portal"],
        {"region": AWAY},
        (Foreign("another portal's", mine),),
    )
    held = _only(
        region.values,
        "appeal",
        "assignment",
        "answer",
        "request",
        "figures",
        "service_area",
        "template",
        "incident",
        "work",
    )
    own = post(region, "t-two", "Своё")
    neighbour = region.accounts["neighbour body"]
    body = Caller(
        "another body of 59",
        "agency",
        neighbour,
        {
            "region": AWAY,
            "organisation": neighbour.organisation_id,
            "assignment": queued(neighbour, own["id"])["id"],
            "subject": "t-two",
            "work": announced(neighbour, AWAY, "t-two"),
        },
        (
            Foreign("another body's", held),
            Foreign("another body's, beside its queue", region.executors),
            Foreign("redirected by itself", region.redirected),
            Foreign("what became of it", region.succeeding),
        ),
    )
    return {caller.name: caller for caller in (*callers, portal, body)}


def _only(values: Mapping[str, str], *kinds: str) -> Values:
    return {kind: values[kind] for kind in kinds}


def home_values(system: System) -> Values:
    """What a caller of region 46 may name; the assignment is nobody else's, as a call may use it up."""
    rules = system.account("admin").get("/api/v1/rules", params={"region": HOME, "limit": 1}).json()["items"]
    areas = system.account("admin").get("/api/v1/service-areas", params={"region": HOME, "limit": 1})
    topic = pothole_topic(system)
    appeal = submitted(system, topic=topic)
    body = holder(system, appeal["id"])
    admin = system.account("admin")
    return {
        "subject": topic,
        "work": announced(admin, HOME, topic, organisation=body.organisation_id),
        "widget": make_widget(admin, HOME),
        "channel": watched(admin, HOME),
        "region": HOME,
        "account": hired(admin, HOME),
        "appeal": appeal["id"],
        "assignment": queued(body, appeal["id"])["id"],
        "organisation": body.organisation_id,
        "rule": rules[0]["id"],
        "service_area": areas.json()["items"][0]["id"],
        "incident": make_incident(system, HOME, body.organisation_id),
        "problem": make_problem(system, HOME),
        "decision": make_decision(system.account("coordinator"), HOME, topic),
    }
