"""Clients of municipal centres: limited to municipalities, which their tokens say and every service reads."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from chassis.tokens import TokenVerifier
from tests.gateway.conftest import RunningGateway, credentials_of

CENTRE: dict[str, Any] = {
    "name": "Центр управления города",
    "role": "coordinator",
    "regions": ["46"],
    "municipalities": ["38708000", "38701000", "38708000"],
}


async def claims_of(gateway: RunningGateway, made: dict[str, Any]) -> dict[str, Any]:
    token = await gateway.token(credentials_of(made))
    return jwt.decode(token, options={"verify_signature": False})


async def test_a_municipal_centre_sees_its_municipalities_only(gateway: RunningGateway) -> None:
    made = await gateway.make_client(**CENTRE)
    assert made["municipalities"] == ["38701000", "38708000"]
    listed = (await gateway.client.get("/api/v1/clients", headers=await gateway.headers())).json()["items"]
    assert [each["municipalities"] for each in listed if each["id"] == made["id"]] == [made["municipalities"]]
    assert (await claims_of(gateway, made))["municipalities"] == ["38701000", "38708000"]
    verifier = TokenVerifier(f"unix:{gateway.internal}", "otklik", "otklik")
    principal = await verifier.verify(await gateway.token(credentials_of(made)))
    assert principal.municipalities == frozenset({"38701000", "38708000"})
    path = f"/api/v1/clients/{made['id']}/secret"
    rotated = await gateway.client.post(path, headers=await gateway.headers())
    assert rotated.json()["municipalities"] == made["municipalities"]


async def test_who_names_no_municipalities_has_the_whole_regions(gateway: RunningGateway) -> None:
    made = await gateway.make_client(role="coordinator")
    assert made["municipalities"] == []
    assert "municipalities" not in await claims_of(gateway, made)
    verifier = TokenVerifier(f"unix:{gateway.internal}", "otklik", "otklik")
    principal = await verifier.verify(await gateway.token(credentials_of(made)))
    assert principal.municipalities is None


@pytest.mark.parametrize(
    "change",
    [
        {"role": "portal"},
        {"role": "admin"},
        {"role": "federal", "regions": []},
        {"regions": ["*"]},
        {"municipalities": ["3870100"]},
        {"municipalities": ["38701000101"]},
        {"municipalities": ["3870100a"]},
        {"municipalities": ["٣٨٧٠١٠٠٠"]},
        {"municipalities": ["38701000\n"]},
        {"municipalities": "38701000"},
        {"municipalities": None},
        {"municipalities": ["38701000"] * 501},
    ],
)
async def test_other_roles_other_codes_and_all_regions_are_refused(
    gateway: RunningGateway, change: dict[str, Any]
) -> None:
    headers = await gateway.headers()
    answer = await gateway.client.post("/api/v1/clients", json={**CENTRE, **change}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid"), answer.text


async def test_an_admin_of_a_region_makes_municipal_centres_of_that_region_only(
    gateway: RunningGateway,
) -> None:
    admin = await gateway.make_client(role="admin", regions=["46"])
    headers = await gateway.headers(credentials_of(admin))
    for regions, status in ((["46"], 201), (["59"], 403), (["46", "59"], 403)):
        body = {**CENTRE, "regions": regions}
        answer = await gateway.client.post("/api/v1/clients", json=body, headers=headers)
        assert answer.status_code == status, regions
    centre = await gateway.make_client(**CENTRE)
    token = await gateway.headers(credentials_of(centre))
    assert (await gateway.client.post("/api/v1/clients", json=CENTRE, headers=token)).status_code == 403


async def test_the_reference_describes_municipalities(gateway: RunningGateway) -> None:
    document = (await gateway.client.get("/openapi.json")).json()
    for schema in ("ClientCreate", "Client", "ClientWithSecret"):
        field = document["components"]["schemas"][schema]["properties"]["municipalities"]
        assert "OKTMO" in field["description"], schema
