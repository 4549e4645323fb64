"""One-time codes: asked for once a device is confirmed, good once, and replaced by recovery codes where it is lost."""

from __future__ import annotations

import base64
from typing import Any

from chassis.moments import utc_now
from gateway.people.rules.codes import code_at, step_of
from tests.gateway.people.conftest import PASSWORD, Office, kind_of


class Device:
    """What makes the codes of one secret."""

    def __init__(self, secret: str) -> None:
        self.secret = base64.b32decode(secret)

    def code(self, steps_ahead: int = 0) -> str:
        return code_at(self.secret, step_of(utc_now()) + steps_ahead)


async def enrolled(office: Office) -> tuple[dict[str, Any], Device, list[str], str]:
    """Somebody whose account asks for codes: the person, the device, recovery codes and a token."""
    person = await office.hire()
    token = (await office.sign_in(person))["access_token"]
    refused = await office.ask("POST", "/people/me/code", {"password": "не тот пароль вовсе"}, token=token)
    assert kind_of(refused) == (401, "sign-in-refused")
    offered = (await office.ask("POST", "/people/me/code", {"password": PASSWORD}, token=token)).json()
    device = Device(offered["secret"])
    assert f"secret={offered['secret']}" in offered["uri"]
    await office.sign_in(person)  # not asked for before it is confirmed
    wrong = await office.ask("POST", "/people/me/code/confirm", {"code": "000000x"}, token=token)
    assert kind_of(wrong) == (422, "invalid")
    confirmed = await office.ask("POST", "/people/me/code/confirm", {"code": device.code(-1)}, token=token)
    assert confirmed.status_code == 200, confirmed.text
    return person, device, confirmed.json()["recovery_codes"], token


async def forget_step(office: Office, person: dict[str, Any]) -> None:
    """What half a minute would do: the next code is another one."""
    await office.change("UPDATE gateway.person SET code_step = 0 WHERE id = :id", id=person["id"])


async def test_a_code_is_asked_for_and_good_once(office: Office) -> None:
    person, device, _, token = await enrolled(office)
    assert kind_of(await office.try_sign_in(person["login"])) == (401, "code-required")
    assert kind_of(await office.try_sign_in(person["login"], code=" ")) == (401, "code-required")
    assert kind_of(await office.try_sign_in(person["login"], code="123")) == (401, "sign-in-refused")
    code = device.code()
    wrong = await office.try_sign_in(person["login"], "другая длинная фраза", code=code)
    assert kind_of(wrong) == (401, "sign-in-refused")  # and the code is not used up
    assert (await office.try_sign_in(person["login"], code=f"{code[:3]} {code[3:]}")).status_code == 201
    assert kind_of(await office.try_sign_in(person["login"], code=code)) == (401, "sign-in-refused")
    again = await office.ask("POST", "/people/me/code", {"password": PASSWORD}, token=token)
    assert kind_of(again) == (409, "not-allowed-now")


async def test_asking_for_a_code_counts_as_no_failure_and_wrong_codes_do(office: Office) -> None:
    person, device, _, _ = await enrolled(office)
    for _ in range(7):
        assert kind_of(await office.try_sign_in(person["login"])) == (401, "code-required")
    for _ in range(5):
        assert (await office.try_sign_in(person["login"], code="000")).status_code == 401
    locked = await office.try_sign_in(person["login"], code=device.code(1))
    assert locked.status_code == 429


async def test_a_recovery_code_stands_in_once(office: Office) -> None:
    person, _, recovery, _ = await enrolled(office)
    spoken = recovery[0].lower().replace("-", " ")
    assert (await office.try_sign_in(person["login"], code=spoken)).status_code == 201
    assert (await office.try_sign_in(person["login"], code=recovery[0])).status_code == 401
    assert (await office.try_sign_in(person["login"], code=recovery[1])).status_code == 201
    kept = await office.read(
        "SELECT encode(code_hash, 'escape') FROM gateway.recovery_code WHERE person_id = :id", id=person["id"]
    )
    assert len(kept) == 8
    assert not [row for row in kept if recovery[2].replace("-", "") in row[0]]


async def test_codes_are_turned_off_by_password_and_code_or_by_a_reset(office: Office) -> None:
    person, device, _, token = await enrolled(office)
    without = {"password": PASSWORD, "code": ""}
    assert kind_of(await office.ask("POST", "/people/me/code/off", without, token=token)) == (
        401,
        "code-required",
    )
    await forget_step(office, person)
    body = {"password": PASSWORD, "code": device.code()}
    assert (await office.ask("POST", "/people/me/code/off", body, token=token)).status_code == 204
    await office.sign_in(person)

    other, *_ = await enrolled(office)
    link = await office.link(other, "reset", drops_code=True)
    assert kind_of(await office.try_sign_in(other["login"])) == (401, "code-required")
    await office.accept(link, "новая фраза после потери", "reset")
    assert (await office.try_sign_in(other["login"], "новая фраза после потери")).status_code == 201
    left = await office.read("SELECT 1 FROM gateway.recovery_code WHERE person_id = :id", id=other["id"])
    assert left == []


async def test_a_damaged_secret_leaves_recovery_codes(office: Office) -> None:
    person, device, recovery, _ = await enrolled(office)
    await office.change(
        "UPDATE gateway.person SET code_secret = 'damaged', code_step = 0 WHERE id = :id", id=person["id"]
    )
    assert kind_of(await office.try_sign_in(person["login"], code=device.code())) == (401, "sign-in-refused")
    assert (await office.try_sign_in(person["login"], code=recovery[0])).status_code == 201
