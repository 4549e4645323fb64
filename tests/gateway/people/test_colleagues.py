"""The people of one's own organisation, to whom work is given: those of no other, and nothing that only an administrator reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.gateway.conftest import credentials_of
from tests.gateway.people.conftest import Office


def _shown(person: dict[str, Any], *, active: bool = True) -> dict[str, Any]:
    return {**{name: person[name] for name in ("id", "name", "position")}, "active": active}


async def test_an_official_sees_the_people_of_the_organisation_alone(office: Office) -> None:
    organisation = str(uuid4())
    mine: dict[str, Any] = {"role": "agency", "organisation_id": organisation}
    official = await office.hire(**mine, name="Анна Дорожная")
    colleague = await office.make_person(**mine, name="Борис Ямочный", position="")
    gone = await office.make_person(**mine, name="Вера Ушедшая")
    await office.make_person(role="agency", organisation_id=str(uuid4()), name="Глеб Чужой")
    await office.manage("DELETE", f"/people/{gone['id']}")
    token = (await office.sign_in(official))["access_token"]
    listed = await office.ask("GET", "/people/colleagues", token=token)
    assert listed.json() == {
        "items": [_shown(official), _shown(colleague), _shown(gone, active=False)],
        "next_cursor": None,
    }

    made = await office.gateway.make_client(role="agency", regions=["46"], organisation_id=organisation)
    system = await office.gateway.token(credentials_of(made))
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        path = f"/people/colleagues?limit=2&cursor={cursor}"
        page = (await office.ask("GET", path, token=system)).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [official["id"], colleague["id"], gone["id"]]
    assert seen == sorted(seen, key=UUID)


async def test_who_has_no_organisation_has_no_colleagues(office: Office) -> None:
    for role in ("coordinator", "analyst"):
        token = (await office.sign_in(await office.hire(role=role)))["access_token"]
        assert (await office.ask("GET", "/people/colleagues", token=token)).status_code == 403, role
    assert (await office.manage("GET", "/people/colleagues")).status_code == 403
    assert (await office.ask("GET", "/people/colleagues")).status_code == 401
