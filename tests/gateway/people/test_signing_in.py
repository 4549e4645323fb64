"""Signing in: what it gives, that nothing is learnt by failing, and how long who fails has to wait."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.db import statements
from gateway.people.hashing import HASHED
from tests.conftest import size
from tests.gateway.people.conftest import PASSWORD, Office, claims_of, fresh_address, kind_of

WRONG = "совсем другая длинная фраза"
FREE = 5


def hashed() -> float:
    return sum(
        each.value for metric in HASHED.collect() for each in metric.samples if each.name.endswith("_total")
    )


async def test_who_signs_in_gets_tokens_of_their_own_rights(office: Office) -> None:
    person = await office.hire(role="coordinator", municipalities=["38701000"])
    signed_in = await office.sign_in(person)
    assert signed_in["person"] == {**person, "has_password": True}
    assert signed_in["expires_in"] == 300
    claims = claims_of(signed_in["access_token"])
    assert claims["sub"] == f"person:{person['id']}"
    assert (claims["role"], claims["regions"], claims["municipalities"]) == (
        "coordinator",
        ["46"],
        ["38701000"],
    )
    assert claims["person"] == person["id"]
    assert claims["exp"] - claims["iat"] == 300
    assert await office.is_let_in(signed_in["access_token"])
    mine = (await office.ask("GET", "/people/me", token=signed_in["access_token"])).json()
    assert mine == signed_in["person"]
    again = await office.try_sign_in(f"  {person['login'].upper()} ")
    assert again.status_code == 201
    assert again.headers["cache-control"] == "no-store"


async def test_an_unknown_login_and_a_wrong_password_are_answered_alike(office: Office) -> None:
    person, invited, gone = await office.hire(), await office.make_person(), await office.hire()
    await office.manage("DELETE", f"/people/{gone['id']}")
    answers = [
        await office.try_sign_in(person["login"], WRONG),
        await office.try_sign_in("nobody.at.all", WRONG),
        await office.try_sign_in("<script>'; --", WRONG),
        await office.try_sign_in(invited["login"], PASSWORD),
        await office.try_sign_in(gone["login"], PASSWORD),
    ]
    assert {kind_of(answer) for answer in answers} == {(401, "sign-in-refused")}
    assert len({answer.text for answer in answers}) == 1


async def test_they_cost_the_same_work(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted and not timed: the statements that are sent, one by one, and the passwords compared."""
    person = await office.hire()
    sent: list[str] = []
    for name in ("fetch", "execute"):
        kept: Any = getattr(statements, name)

        async def noted(session: Any, sql: str, *arguments: Any, kept: Any = kept) -> Any:
            sent.append(sql)
            return await kept(session, sql, *arguments)

        monkeypatch.setattr(statements, name, noted)

    async def work(login: str) -> tuple[Counter[str], float]:
        sent.clear()
        before = hashed()
        refused = await office.try_sign_in(login, WRONG, address=fresh_address())
        assert refused.status_code == 401
        ours = Counter(sql for sql in sent if "sign_in_attempts" in sql or "gateway.person " in sql)
        return ours, hashed() - before

    known = await work(person["login"])
    assert known == await work("nobody.knows.this")
    assert known[1] == 1
    assert sum(known[0].values()) >= 4


async def test_who_fails_waits_longer_and_longer_also_for_a_login_there_is_not(office: Office) -> None:
    person = await office.hire()
    for login in (person["login"], f"nobody.{person['login']}"):
        waits = []
        for _ in range(FREE + 2):
            address = fresh_address()
            answer = await office.try_sign_in(login, WRONG, address=address)
            if answer.status_code == 429:
                waits.append(int(answer.headers["retry-after"]))
                await office.change(
                    "UPDATE gateway.sign_in_attempts SET locked_until = now() WHERE locked_until > now()"
                )
                answer = await office.try_sign_in(login, WRONG, address=address)
            assert kind_of(answer) == (401, "sign-in-refused")
        assert waits[0] in (4, 5)
        assert waits[1] in (9, 10)
        locked = await office.try_sign_in(login, PASSWORD, address=fresh_address())
        assert kind_of(locked) == (429, "too-many-requests")


async def test_who_guesses_elsewhere_does_not_shut_the_owner_out(office: Office) -> None:
    person, home = await office.hire(), fresh_address()
    await office.sign_in(person, address=home)
    for _ in range(FREE):
        assert (await office.try_sign_in(person["login"], WRONG, address=fresh_address())).status_code == 401
    assert (await office.try_sign_in(person["login"], address=fresh_address())).status_code == 429
    await office.sign_in(person, address=home)
    for _ in range(FREE):  # nor is home a place to guess from
        assert (await office.try_sign_in(person["login"], WRONG, address=home)).status_code == 401
    assert (await office.try_sign_in(person["login"], address=home)).status_code == 429


async def test_an_address_that_tries_many_logins_has_to_wait(office: Office) -> None:
    person, address = await office.hire(), fresh_address()
    outcomes = Counter(
        [
            (await office.try_sign_in(f"guessed.{number}", WRONG, address=address)).status_code
            for number in range(33)
        ]
    )
    assert outcomes == {401: 30, 429: 3}
    assert (await office.try_sign_in(person["login"], address=address)).status_code == 429
    await office.sign_in(person, address=fresh_address())


async def test_guesses_at_once_are_counted_one_by_one(office: Office) -> None:
    person = await office.hire()
    guesses = [office.try_sign_in(person["login"], WRONG, address=fresh_address()) for _ in range(20)]
    outcomes = Counter(answer.status_code for answer in await asyncio.gather(*guesses))
    assert outcomes == {401: FREE, 429: 20 - FREE}


@settings(
    max_examples=size(6, 100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.sampled_from(["right", "wrong", "wrong", "newest", "old", "out"]), min_size=4, max_size=14)
)
async def test_any_sequence_of_signing_in_and_out_is_as_the_rules_say(
    office: Office, acts: list[str]
) -> None:
    """A model beside it: failures in a row, and for every session how its newest refresh token is written."""
    person, address = await office.hire(), fresh_address()
    failures = 0
    session: dict[str, Any] | None = None
    former: str | None = None
    for act in acts:
        if act in ("right", "wrong"):
            answer = await office.try_sign_in(
                person["login"], PASSWORD if act == "right" else WRONG, address=address
            )
            if failures >= FREE:
                assert answer.status_code == 429
            elif act == "wrong":
                failures += 1
                assert answer.status_code == 401
            else:
                failures, former, session = 0, None, answer.json()
                assert answer.status_code == 201
        elif session is None:
            continue
        elif act == "newest":
            answer = await office.refresh(session["refresh_token"])
            assert answer.status_code == 200, answer.text
            former, session = session["refresh_token"], answer.json()
        elif act == "old" and former is not None:
            await office.change(
                "UPDATE gateway.person_session SET rotated_at = rotated_at - interval '11 seconds'"
            )
            assert kind_of(await office.refresh(former)) == (401, "session-ended")
            assert kind_of(await office.refresh(session["refresh_token"])) == (401, "session-ended")
            assert not await office.is_let_in(session["access_token"])
            session = None
        elif act == "out":
            token = session["access_token"]
            assert (await office.ask("DELETE", "/sessions/current", token=token)).status_code == 204
            assert not await office.is_let_in(token)
            assert (await office.refresh(session["refresh_token"])).status_code == 401
            session = None
        assert session is None or await office.is_let_in(session["access_token"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "a"},
        {"login": "", "password": "x"},
        {"login": "a" * 201, "password": "x"},
        {"login": "a", "password": ""},
        {"login": "a", "password": "x" * 1001},
        {"login": "a", "password": 1},
        {"login": "a", "password": "x", "code": "1" * 41},
        {"login": "a", "password": "x", "remember": True},
    ],
)
async def test_what_cannot_be_a_sign_in_is_refused_and_not_repeated(office: Office, body: Any) -> None:
    answer = await office.ask("POST", "/sessions", body)
    assert kind_of(answer) == (422, "invalid")
    assert "xxx" not in answer.text


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\x00b", "‮", "🙈" * 100])
async def test_odd_letters_are_nobody(office: Office, text: str) -> None:
    for body in ({"login": text, "password": "x"}, {"login": "a", "password": text}):
        sent = await office.gateway.client.post(
            "/api/v1/sessions",
            content=json.dumps(body),
            headers={"Content-Type": "application/json"},
        )
        assert sent.status_code in (400, 401, 422, 429)
