"""Accounts: made, changed and deactivated by admins, never beyond their own reach, and every change is in the journal."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from harness.waiting import eventually
from tests.gateway.conftest import credentials_of
from tests.gateway.people.conftest import Office, claims_of, kind_of
from tests.gateway.test_revocation import is_refused, verifier_of, verifying

ALL_OF_46 = {"login": "x", "name": "Имя", "role": "coordinator", "regions": ["46"]}


async def admin_of(office: Office, region: str) -> str:
    """A token of an admin of one region."""
    made = await office.gateway.make_client(role="admin", regions=[region])
    return await office.gateway.token(credentials_of(made))


async def kinds(office: Office, person: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    listed = (await office.manage("GET", f"/people/{person['id']}/changes")).json()["items"]
    return [(each["kind"], each["fields"]) for each in listed]


async def test_an_account_lives_from_creation_to_deactivation_and_back(office: Office) -> None:
    person = await office.hire(email="m.ivanova@kursk.example")
    read = await office.manage("GET", f"/people/{person['id']}")
    assert read.json() == {**person, "has_password": True}
    changed = {**read.json(), "position": "Начальник отдела", "role": "analyst", "version": 1}
    path = f"/people/{person['id']}"
    assert kind_of(await office.manage("PUT", path, changed)) == (428, "version-required")
    assert kind_of(await office.manage("PUT", path, changed, If_Match="7")) == (412, "version-stale")
    wrong = await office.manage("PUT", path, {**changed, "version": 3}, If_Match="1")
    assert wrong.json()["errors"][0]["pointer"] == "/version"
    stored = await office.manage("PUT", path, changed, If_Match="1")
    assert (stored.json()["version"], stored.json()["role"]) == (2, "analyst")
    assert (await office.manage("DELETE", path)).status_code == 204
    assert (await office.manage("DELETE", path)).status_code == 204
    assert (await office.try_sign_in(person["login"])).status_code == 401
    gone = (await office.manage("GET", path)).json()
    assert (gone["active"], gone["version"]) == (False, 3)
    back = await office.manage("PUT", path, {**gone, "active": True}, If_Match="3")
    assert back.status_code == 200
    assert (await office.try_sign_in(person["login"])).status_code == 201
    assert await kinds(office, person) == [
        ("changed", {"active": [False, True]}),
        ("changed", {"active": [True, False]}),
        (
            "changed",
            {"position": ["Главный специалист", "Начальник отдела"], "role": ["coordinator", "analyst"]},
        ),
        ("password_set", {}),
        ("invited", {}),
        ("created", (await kinds(office, person))[-1][1]),
    ]


@pytest.mark.parametrize(
    "change", ["DELETE", {"role": "analyst"}, {"regions": ["59"]}, {"municipalities": ["38701000"]}]
)
async def test_what_somebody_may_do_is_taken_back_at_once_here_and_soon_everywhere(
    office: Office, change: Any
) -> None:
    person = await office.hire()
    signed_in = await office.sign_in(person)
    path, token = f"/people/{person['id']}", signed_in["access_token"]
    async with verifying(office.gateway) as service:
        assert not await is_refused(service, token)
        if change == "DELETE":
            assert (await office.manage("DELETE", path)).status_code == 204
        else:
            body = {**person, **change, "version": 1}
            assert (await office.manage("PUT", path, body, If_Match="1")).status_code == 200
        assert not await office.is_let_in(token)

        async def refused() -> bool:
            return await is_refused(service, token)

        await eventually(refused, seconds=5.0)
    refreshed = await office.refresh(signed_in["refresh_token"])
    if change == "DELETE":
        assert refreshed.status_code == 401
    else:
        claims = claims_of(refreshed.json()["access_token"])
        assert {name: claims[name] for name in change} == change
        assert not await is_refused(verifier_of(office.gateway), refreshed.json()["access_token"])


async def test_an_admin_of_a_region_sees_and_makes_only_people_of_it(office: Office) -> None:
    regional = await admin_of(office, "46")
    here, there = await office.hire(regions=["46"]), await office.hire(regions=["59"])
    both, all_of_them = (
        await office.hire(regions=["46", "59"]),
        await office.hire(role="admin", regions=["*"]),
    )
    listed = (await office.ask("GET", "/people?limit=1000", token=regional)).json()["items"]
    assert all(item["regions"] == ["46"] for item in listed)
    assert here["id"] in {item["id"] for item in listed}
    assert kind_of(await office.ask("GET", "/people?region=59", token=regional)) == (403, "forbidden")
    for foreign in (there, both, all_of_them, {"id": str(uuid4())}):
        path = f"/people/{foreign['id']}"
        wish = {"person_id": foreign["id"]}
        body = {**here, "version": 1, "id": foreign["id"]}
        asked = [
            await office.ask("GET", path, token=regional),
            await office.ask("GET", f"{path}/changes", token=regional),
            await office.ask("PUT", path, body, token=regional, If_Match="1"),
            await office.ask("DELETE", path, token=regional),
            await office.ask("POST", "/people/invitations", wish, token=regional),
            await office.ask("POST", "/people/reset", wish, token=regional),
        ]
        assert [kind_of(answer) for answer in asked] == [(404, "not-found")] * len(asked)
    for regions, role in (
        (["59"], "coordinator"),
        (["46", "59"], "admin"),
        (["*"], "admin"),
        ([], "federal"),
    ):
        body = {**ALL_OF_46, "login": f"p.{uuid4().hex}", "role": role, "regions": regions}
        assert kind_of(await office.ask("POST", "/people", body, token=regional)) == (403, "forbidden")
    wider = {**here, "regions": ["46", "59"], "version": 1}
    raised = await office.ask("PUT", f"/people/{here['id']}", wider, token=regional, If_Match="1")
    assert kind_of(raised) == (403, "forbidden")


async def test_an_admin_who_signs_in_reaches_as_far_as_a_client_would(office: Office) -> None:
    boss = await office.sign_in(await office.hire(role="admin", regions=["46"]))
    token = boss["access_token"]
    made = await office.ask("POST", "/people", {**ALL_OF_46, "login": f"p.{uuid4().hex}"}, token=token)
    assert made.status_code == 201
    (change,) = (await office.ask("GET", f"/people/{made.json()['id']}/changes", token=token)).json()["items"]
    assert (change["client_id"], change["changed_by"]) == (
        f"person:{boss['person']['id']}",
        boss["person"]["id"],
    )
    coordinator = await office.sign_in(await office.hire())
    assert kind_of(await office.ask("GET", "/people", token=coordinator["access_token"])) == (
        403,
        "forbidden",
    )


async def test_a_login_is_one_persons_however_it_is_written(office: Office) -> None:
    name = uuid4().hex
    await office.make_person(login=f"Артём.{name}".replace("a", "а").translate(LATIN_OUT))
    taken = {**ALL_OF_46, "login": f"АРТЕМ.{name}".replace("a", "а").translate(LATIN_OUT)}
    assert kind_of(await office.manage("POST", "/people", taken)) == (409, "login-taken")
    wish = {**ALL_OF_46, "login": f"twin.{name}"}
    answers = await asyncio.gather(*(office.manage("POST", "/people", wish) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    others = [await office.make_person() for _ in range(4)]
    renamed = await asyncio.gather(
        *(
            office.manage("PUT", f"/people/{each['id']}", {**each, "login": f"triplet.{name}"}, If_Match="1")
            for each in others
        )
    )
    assert sorted(answer.status_code for answer in renamed) == [200, 409, 409, 409]
    same = others[0] | {"name": "Мария Петрова"}  # one's own login is not taken
    version = (await office.manage("GET", f"/people/{same['id']}")).json()
    kept = await office.manage(
        "PUT", f"/people/{same['id']}", {**version, "name": "М"}, If_Match=str(version["version"])
    )
    assert kept.status_code == 200


LATIN_OUT = str.maketrans("abcdef", "абвгде")


@pytest.mark.parametrize(
    "change",
    [
        {"login": "ab"},
        {"login": "a b c"},
        {"login": "ivanоva"},
        {"name": " "},
        {"name": "a\x00b"},
        {"position": "x" * 201},
        {"email": "nobody"},
        {"role": "portal"},
        {"role": "king"},
        {"regions": ["00"]},
        {"regions": []},
        {"role": "agency"},
        {"organisation_id": str(uuid4())},
        {"role": "agency", "organisation_id": "00000000-0000-0000-0000-000000000000"},
        {"role": "analyst", "regions": ["*"], "municipalities": ["38701000"]},
        {"password": "синий трактор едет домой"},
    ],
)
async def test_what_is_no_account_is_refused(office: Office, change: dict[str, Any]) -> None:
    answer = await office.manage("POST", "/people", {**ALL_OF_46, "login": f"p.{uuid4().hex}", **change})
    assert kind_of(answer) == (422, "invalid"), answer.text


async def test_an_agencys_person_acts_for_its_organisation(office: Office) -> None:
    organisation = str(uuid4())
    signed_in = await office.sign_in(await office.hire(role="agency", organisation_id=organisation))
    assert claims_of(signed_in["access_token"])["organisation"] == organisation


async def test_the_same_key_makes_one_person(office: Office) -> None:
    login = f"p.{uuid4().hex}"
    wish = {**ALL_OF_46, "login": login}
    answers = [await office.manage("POST", "/people", wish, Idempotency_Key=login) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


async def test_who_acted_is_named_to_officials_of_the_region(office: Office) -> None:
    here, there = (
        await office.make_person(name="Здесь", regions=["46"]),
        await office.make_person(regions=["59"]),
    )
    national = await office.make_person(name="Везде", role="admin", regions=["*"])
    await office.manage("DELETE", f"/people/{here['id']}")  # who has left is named, too
    ids = ",".join([*(person["id"] for person in (here, there, national)), str(uuid4())])
    official = await office.sign_in(await office.hire(role="analyst"))
    named = await office.ask("GET", f"/people/names?ids={ids}", token=official["access_token"])
    assert named.json() == {
        "items": [
            {"id": each["id"], "name": each["name"], "position": each["position"]}
            for each in (here, national)
        ]
    }
    everywhere = (await office.manage("GET", f"/people/names?ids={ids}")).json()["items"]
    assert len(everywhere) == 3
    portal = await office.gateway.token(credentials_of(await office.gateway.make_client()))
    assert (await office.ask("GET", f"/people/names?ids={ids}", token=portal)).status_code == 403
    for wrong in ("", "x", ",", ",".join(str(uuid4()) for _ in range(501))):
        refused = await office.manage("GET", f"/people/names?ids={wrong}")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/ids")


async def test_lists_are_read_in_pages(office: Office) -> None:
    people = [await office.make_person(regions=["77"]) for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await office.manage("GET", f"/people?region=77&limit=2&cursor={cursor}")).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [person["id"] for person in people]
    assert (await office.manage("GET", "/people?role=portal")).status_code == 422
    assert kind_of(await office.manage("GET", "/people?cursor=x")) == (400, "bad-cursor")
    none = (await office.manage("GET", f"/people?region=77&active=false&organisation={uuid4()}")).json()
    assert none == {"items": [], "next_cursor": None}
