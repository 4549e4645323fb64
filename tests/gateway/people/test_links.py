"""Links by which people set their password: good once, for a while, and for nobody else; nothing of them lies readable."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.gateway.people.conftest import OTHER_PASSWORD, PASSWORD, Office, fresh_address, kind_of


async def test_an_invitation_sets_the_first_password_once(office: Office) -> None:
    person = await office.make_person()
    token = await office.link(person)
    weak = await office.accept(token, "пароль123456")
    assert kind_of(weak) == (422, "weak-password")
    assert weak.json()["errors"] == [{"pointer": "/password", "message": "is among the commonest passwords"}]
    own = await office.accept(token, person["login"])
    assert kind_of(own) == (422, "weak-password")
    accepted = await office.accept(token)
    assert accepted.json() == {"login": person["login"], "name": person["name"]}
    assert kind_of(await office.accept(token, OTHER_PASSWORD)) == (404, "not-found")
    await office.sign_in(person)
    again = await office.manage("POST", "/people/invitations", {"person_id": person["id"]})
    assert kind_of(again) == (409, "not-allowed-now")


async def test_of_two_who_have_the_same_link_one_is_first(office: Office) -> None:
    person = await office.make_person()
    token = await office.link(person)
    passwords = [f"{PASSWORD} номер {number}" for number in range(4)]
    answers = await asyncio.gather(*(office.accept(token, each) for each in passwords))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    (good,) = [each for each, answer in zip(passwords, answers, strict=True) if answer.status_code == 200]
    await office.sign_in(person, password=good)


async def test_a_link_is_void_when_it_is_old_or_another_was_made_or_the_person_has_left(
    office: Office,
) -> None:
    person = await office.make_person()
    first = await office.link(person)
    second = await office.link(person)
    assert (await office.accept(first)).status_code == 404
    assert (await office.accept(second, kind="reset")).status_code == 404  # an invitation is no reset
    await office.change(
        "UPDATE gateway.person_link SET expires_at = now() WHERE person_id = :id", id=person["id"]
    )
    assert (await office.accept(second)).status_code == 404
    third = await office.link(person)
    await office.manage("DELETE", f"/people/{person['id']}")
    assert (await office.accept(third)).status_code == 404
    refused = await office.manage("POST", "/people/reset", {"person_id": person["id"]})
    assert kind_of(refused) == (409, "not-allowed-now")
    for nonsense in ("x", "otk_" + "A" * 49, "ж", str(uuid4())):
        assert kind_of(await office.accept(nonsense)) == (404, "not-found")


async def test_a_reset_sets_another_password_and_ends_every_session(office: Office) -> None:
    person = await office.hire()
    signed_in = await office.sign_in(person)
    usual = fresh_address()
    await office.sign_in(person, address=usual)
    for address in ("192.0.2.77", usual):
        for _ in range(5):
            await office.try_sign_in(person["login"], "забытый когда-то пароль", address=address)
        assert (await office.try_sign_in(person["login"], address=address)).status_code == 429
    token = await office.link(person, "reset")
    assert (await office.try_sign_in(person["login"])).status_code == 201  # the old one is good until then
    assert (await office.accept(token, OTHER_PASSWORD, "reset")).status_code == 200
    assert not await office.is_let_in(signed_in["access_token"])
    assert (await office.refresh(signed_in["refresh_token"])).status_code == 401
    assert (await office.try_sign_in(person["login"])).status_code == 401
    for address in ("192.0.2.77", usual):  # and nobody waits for the failures of before
        answer = await office.try_sign_in(person["login"], OTHER_PASSWORD, address=address)
        assert answer.status_code == 201


async def test_no_secret_lies_readable_in_the_database(office: Office) -> None:
    person = await office.make_person()
    token = await office.link(person)
    key = uuid4().hex
    body = {"person_id": person["id"]}
    kept = await office.manage("POST", "/people/invitations", body, Idempotency_Key=key)
    replayed = await office.manage("POST", "/people/invitations", body, Idempotency_Key=key)
    assert replayed.json() == kept.json()
    assert replayed.headers["cache-control"] == "no-store"
    newest = kept.json()["token"]
    await office.accept(newest)
    signed_in = await office.sign_in(person)
    texts = []
    for table in (
        "person",
        "person_session",
        "person_link",
        "person_change",
        "idempotency_key",
        "sign_in_attempts",
    ):
        texts += [row[0] for row in await office.read(f"SELECT to_jsonb(t)::text FROM gateway.{table} t")]
    everything = "".join(texts)
    assert person["login"] in everything
    for secret in (PASSWORD, token, newest, signed_in["refresh_token"], signed_in["access_token"]):
        assert secret not in everything
    assert "$argon2id$" in everything
