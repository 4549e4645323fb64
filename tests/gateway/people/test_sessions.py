"""Sessions: carried on by refresh tokens, ended by their owner, by time, and by a token that comes twice."""

from __future__ import annotations

import asyncio
import time

import pytest

from chassis.tokens import TokenVerifier
from harness.waiting import eventually
from tests.gateway.people.conftest import OTHER_PASSWORD, Office, claims_of, kind_of
from tests.gateway.test_revocation import is_refused, verifier_of, verifying

SECONDS = 5.0


def service_of(office: Office) -> TokenVerifier:
    """What a service that has just been started checks tokens with."""
    return verifier_of(office.gateway)


async def test_every_refresh_token_is_good_once(office: Office) -> None:
    person = await office.hire()
    first = await office.sign_in(person)
    second = (await office.refresh(first["refresh_token"])).json()
    third = (await office.refresh(second["refresh_token"])).json()
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3
    assert {claims_of(each["access_token"])["session"] for each in (first, second, third)} == {
        claims_of(first["access_token"])["session"]
    }
    assert kind_of(await office.refresh(first["refresh_token"])) == (
        401,
        "session-ended",
    )  # two back: no grace
    assert kind_of(await office.refresh(third["refresh_token"])) == (401, "session-ended")
    assert not await office.is_let_in(third["access_token"])
    assert await is_refused(service_of(office), third["access_token"])
    kinds = [
        row.kind
        for row in await office.read(
            "SELECT kind FROM gateway.person_change WHERE person_id = :id", id=person["id"]
        )
    ]
    assert "refresh_token_reused" in kinds


async def test_of_two_refreshes_at_once_one_rotates_and_both_have_its_answer(office: Office) -> None:
    first = await office.sign_in(await office.hire())
    answers = await asyncio.gather(*(office.refresh(first["refresh_token"]) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    session = claims_of(first["access_token"])["session"]
    (row,) = await office.read("SELECT number FROM gateway.person_session WHERE id = :id", id=session)
    assert row.number == 1
    assert (await office.refresh(answers[0].json()["refresh_token"])).status_code == 200


async def test_after_the_grace_the_same_token_ends_the_session(office: Office) -> None:
    first = await office.sign_in(await office.hire())
    second = (await office.refresh(first["refresh_token"])).json()
    await office.change("UPDATE gateway.person_session SET rotated_at = now() - interval '11 seconds'")
    assert (await office.refresh(first["refresh_token"])).status_code == 401
    assert (await office.refresh(second["refresh_token"])).status_code == 401
    assert not await office.is_let_in(second["access_token"])


@pytest.mark.parametrize(
    "passed",
    ["used_at = used_at - interval '2 hours 1 second'", "ends_at = now()"],
)
async def test_a_session_ends_when_it_is_idle_and_in_any_case_after_a_day_of_work(
    office: Office, passed: str
) -> None:
    signed_in = await office.sign_in(await office.hire())
    session = claims_of(signed_in["access_token"])["session"]
    await office.change(f"UPDATE gateway.person_session SET {passed} WHERE id = :id", id=session)
    assert kind_of(await office.refresh(signed_in["refresh_token"])) == (401, "session-ended")
    listed = await office.ask("GET", "/sessions", token=signed_in["access_token"])
    assert listed.json() == {"items": []}


async def test_no_token_outlives_its_session(office: Office) -> None:
    signed_in = await office.sign_in(await office.hire())
    session = claims_of(signed_in["access_token"])["session"]
    await office.change(
        "UPDATE gateway.person_session SET ends_at = now() + interval '40 seconds' WHERE id = :id", id=session
    )
    refreshed = (await office.refresh(signed_in["refresh_token"])).json()
    claims = claims_of(refreshed["access_token"])
    assert refreshed["expires_in"] == claims["exp"] - claims["iat"] <= 40


async def test_signing_out_ends_this_session_at_once_here_and_soon_everywhere(office: Office) -> None:
    person = await office.hire()
    one, other = await office.sign_in(person), await office.sign_in(person)
    listed = (await office.ask("GET", "/sessions", token=one["access_token"])).json()["items"]
    assert [item["current"] for item in listed] == [False, True]
    async with verifying(office.gateway) as service:
        assert not await is_refused(service, one["access_token"])
        assert (await office.ask("DELETE", "/sessions/current", token=one["access_token"])).status_code == 204
        began = time.monotonic()
        assert not await office.is_let_in(one["access_token"])

        async def refused() -> bool:
            return await is_refused(service, one["access_token"])

        await eventually(refused, seconds=SECONDS)
        assert time.monotonic() - began < SECONDS
        assert not await is_refused(service, other["access_token"])
    assert (await office.refresh(one["refresh_token"])).status_code == 401
    assert (await office.refresh(other["refresh_token"])).status_code == 200
    assert await is_refused(service_of(office), one["access_token"])


async def test_signing_out_everywhere_ends_all_sessions_but_not_the_next(office: Office) -> None:
    person = await office.hire()
    some = [await office.sign_in(person) for _ in range(3)]
    assert (await office.ask("DELETE", "/sessions", token=some[0]["access_token"])).status_code == 204
    for each in some:
        assert not await office.is_let_in(each["access_token"])
        assert (await office.refresh(each["refresh_token"])).status_code == 401
    next_one = await office.sign_in(person)
    assert await office.is_let_in(next_one["access_token"])
    assert not await is_refused(service_of(office), next_one["access_token"])


async def test_a_new_password_ends_the_other_sessions(office: Office) -> None:
    person = await office.hire()
    mine, other = await office.sign_in(person), await office.sign_in(person)
    token = mine["access_token"]
    wrong = {"password": "не тот пароль вовсе", "new_password": OTHER_PASSWORD}
    assert kind_of(await office.ask("POST", "/people/me/password", wrong, token=token)) == (
        401,
        "sign-in-refused",
    )
    weak = {"password": "синий трактор едет домой", "new_password": "123456789012"}
    for _ in range(
        8
    ):  # the password of before is right each time: nobody is held up by what is wrong with the new one
        refused = await office.ask("POST", "/people/me/password", weak, token=token)
        assert kind_of(refused) == (422, "weak-password")
    assert refused.json()["errors"][0]["pointer"] == "/new_password"
    good = {**weak, "new_password": OTHER_PASSWORD}
    assert (await office.ask("POST", "/people/me/password", good, token=token)).status_code == 204
    assert await office.is_let_in(token)
    assert not await office.is_let_in(other["access_token"])
    assert (await office.try_sign_in(person["login"])).status_code == 401
    assert (await office.try_sign_in(person["login"], OTHER_PASSWORD)).status_code == 201


async def test_a_client_has_no_sessions(office: Office) -> None:
    for method, path in (
        ("GET", "/sessions"),
        ("DELETE", "/sessions"),
        ("DELETE", "/sessions/current"),
        ("GET", "/people/me"),
    ):
        answer = await office.manage(method, path)
        assert kind_of(answer) == (403, "forbidden"), path
    for token in ("", "otr_", "otr_" + "A" * 70, "otr_ж", "x" * 200):
        answer = await office.refresh(token)
        assert answer.status_code in (401, 422)
