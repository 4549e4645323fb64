"""Administrators say which sites show which form."""

from __future__ import annotations

from typing import Any

from tests.intake.open311.conftest import LIGHTS
from tests.intake.widget.conftest import OPEN, SITE, WIDGETS, Shown


async def test_the_life_of_a_widget(open_widget: Any, mint: Any) -> None:
    shown: Shown = await open_widget(topics=[LIGHTS], origins=["HTTPS://School.example.ru"])
    client, view, admin = shown.client, shown.view, mint.headers("admin")
    assert (view["origins"], view["version"], view["active"]) == ([SITE], 1, True)
    assert (await client.get(WIDGETS, params={"region": "46"}, headers=admin)).json()["items"] == [view]
    path = f"{WIDGETS}/{view['id']}"
    assert (await client.get(path, headers=admin)).json() == view
    assert (await client.put(path, json=view, headers=admin)).status_code == 428
    changed = await client.put(path, json={**view, "active": False}, headers={**admin, "If-Match": "1"})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await client.put(path, json=view, headers={**admin, "If-Match": "1"})).status_code == 412
    for gone in (await client.get(shown.path), await shown.send()):
        assert gone.status_code == 404, "one that is switched off shows nothing and takes nothing"
    assert (await client.delete(path, headers={**admin, "If-Match": "2"})).status_code == 204
    assert (await client.get(path, headers=admin)).status_code == 404


async def test_what_is_no_widget_is_refused(open_widget: Any, mint: Any) -> None:
    shown: Shown = await open_widget()
    admin, good = mint.headers("admin"), {"region": "46", "title": "Форма"}
    for more, pointer in (
        ({"origins": ["https://a.ru/path"]}, "/origins/0"),
        ({"topics": ["none"]}, "/topics/0"),
        ({"title": " "}, "/title"),
        ({"key": "mine"}, "/key"),
        ({"municipality": "46"}, "/municipality"),
    ):
        refused = await shown.client.post(WIDGETS, json={**good, **more}, headers=admin)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
    elsewhere = mint.headers("admin", ["59"])
    assert (await shown.client.post(WIDGETS, json=good, headers=elsewhere)).status_code == 403
    path = f"{WIDGETS}/{shown.view['id']}"
    assert (await shown.client.get(path, headers=elsewhere)).status_code == 404
    assert (await shown.client.get(WIDGETS, headers=mint.headers("coordinator"))).status_code == 403
    once = {**admin, "Idempotency-Key": "k"}
    made = [await shown.client.post(WIDGETS, json=good, headers=once) for _ in range(2)]
    assert made[0].json() == made[1].json()


async def test_only_listed_widgets_are_found_by_their_region(open_widget: Any, mint: Any) -> None:
    shown: Shown = await open_widget(listed=True, municipality="38701000")
    client, admin = shown.client, mint.headers("admin")
    for more in ({}, {"listed": True, "active": False}, {"listed": True, "region": "59", "title": "Пермь"}):
        new: dict[str, Any] = {"region": "46", "title": "Ещё", **more}
        by = mint.headers("admin", [new["region"]])
        assert (await client.post(WIDGETS, json=new, headers=by)).status_code == 201
    names = ("key", "title", "region", "municipality")
    first = {name: shown.view[name] for name in names}
    assert (await client.get(OPEN, params={"region": "46"})).json() == {"items": [first]}
    everywhere = (await client.get(OPEN)).json()["items"]
    assert [(each["region"], each["title"]) for each in everywhere] == [
        ("46", shown.view["title"]),
        ("59", "Пермь"),
    ]
    assert all(each.keys() == set(names) for each in everywhere), "nothing that is an administrator's"
    assert (await client.get(OPEN, params={"region": "00"})).status_code == 422
    path = f"{WIDGETS}/{shown.view['id']}"
    changed = {**shown.view, "listed": False}
    assert (await client.put(path, json=changed, headers={**admin, "If-Match": "1"})).status_code == 200
    assert (await client.get(OPEN, params={"region": "46"})).json() == {"items": []}
