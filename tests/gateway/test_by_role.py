"""One path, two services: whose things it is about, the role of the token says."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from gateway.openapi import merge
from gateway.routes import RouteTree
from tests.gateway.conftest import RunningGateway, credentials_of


async def test_a_portal_and_an_agency_reach_their_own_services(gateway: RunningGateway) -> None:
    portal = await gateway.make_client(role="portal")
    agency = await gateway.make_client(role="agency", organisation_id=str(uuid4()))
    for made, service in ((portal, "intake"), (agency, "routing")):
        headers = await gateway.headers(credentials_of(made))
        for method, path in (("GET", ""), ("POST", ""), ("DELETE", "/0190"), ("GET", "/0190/deliveries")):
            answer = await gateway.client.request(method, f"/api/v1/webhooks{path}", headers=headers)
            assert (answer.json()["service"], answer.json()["path"]) == (service, f"/api/v1/webhooks{path}")
    admin = await gateway.client.get("/api/v1/webhooks", headers=await gateway.headers())
    assert admin.json()["service"] == "intake"
    assert (await gateway.client.get("/api/v1/webhooks")).status_code == 401


def test_the_reference_shows_such_a_path_once_for_all_its_roles() -> None:
    def document(*roles: str) -> Any:
        operation = {"operationId": f"{roles[0]}_hooks", "responses": {"200": {}}, "x-roles": list(roles)}
        return {"paths": {"/api/v1/webhooks": {"get": operation}, "/api/v1/topics": {"get": dict(operation)}}}

    documents = {"intake": document("portal", "admin"), "routing": document("agency", "admin")}
    paths = merge(documents, RouteTree())["paths"]
    assert paths["/api/v1/webhooks"]["get"]["x-roles"] == ["portal", "agency", "admin"]
    assert paths["/api/v1/topics"]["get"]["x-roles"] == ["agency", "admin"]
    alone = merge({"routing": documents["routing"]}, RouteTree())["paths"]
    assert alone["/api/v1/webhooks"]["get"]["x-roles"] == ["agency", "admin"]
