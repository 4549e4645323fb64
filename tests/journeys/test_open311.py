"""An outside app reads what it sent; a person writes on a site's page, with scripts and without: all through the gateway."""

from __future__ import annotations

import itertools
import re
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx2
from georeport import GeoReport  # type: ignore[import-untyped]

from harness.system import System
from tests.journeys.steps import tracked, until

V2 = "/open311/v2"
LETTER = "Фонарь не горит вторую неделю. Мария Ивановна Петрова, +7 910 555-12-34, petrova@example.ru"
HTML = {"Accept": "text/html"}


def made_request(system: System, code: str) -> str:
    """What an app sends, with the client's secret as its key."""
    form = {
        "api_key": system.account("portal").client_secret,
        "jurisdiction_id": "46",
        "service_code": code,
        "lat": "51.7304",
        "long": "36.1926",
        "description": LETTER,
    }
    answer = system.http.post(f"{V2}/requests.json", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["service_request_id"])


def test_an_outside_client_follows_a_request(system: System) -> None:
    base = f"{str(system.http.base_url).rstrip('/')}{V2}"
    apps = [GeoReport(base, jurisdiction="46", output_format=format) for format in ("json", "xml")]
    services = until(apps[0].get_service_list)
    assert {each["service_code"] for each in apps[1].get_service_list()} == {
        each["service_code"] for each in services
    }
    code = services[0]["service_code"]
    assert apps[0].get_service_definition(code)["service_code"] == code
    id = made_request(system, code)
    assert apps[0].get_service_request(id)["status"] == "open"
    expected = until(lambda: apps[0].get_service_request(id)["expected_datetime"])
    for app in apps:
        found = app.get_service_request(id)
        assert (found["service_code"], found["expected_datetime"]) == (code, expected)
        assert not re.search("Петров|555-12-34|petrova", str(found)), found
    listed = apps[0].get_service_requests(service_code=code, status="open")
    assert id in [each["service_request_id"] for each in listed]
    token = system.http.get(f"{V2}/tokens/{id}.json").json()
    assert token == [{"service_request_id": id, "token": id}]
    refused = system.http.post(f"{V2}/requests.json", data={"api_key": "none", "service_code": code})
    assert (refused.status_code, [each["code"] for each in refused.json()]) == (403, [403])


def made_widget(system: System, site: str) -> dict[str, Any]:
    body = {"region": "46", "title": "Сообщите о проблеме", "origins": [site]}
    made = system.account("admin").post("/api/v1/widgets", json=body)
    assert made.status_code == 201, made.text
    widget: dict[str, Any] = made.json()
    return widget


def test_people_write_on_a_sites_page(system: System) -> None:
    site = "https://school.example.ru"
    path = f"/api/v1/widget/{made_widget(system, site)['key']}"
    page = system.http.get(path, headers=HTML).text
    form = system.http.get(path, headers={"Origin": site}).json()
    assert system.http.get(form["known"]["list"]).status_code == 200
    proof = next(
        tried
        for tried in map(str, itertools.count())
        if int.from_bytes(sha256(f"{form['form_token']}:{tried}".encode()).digest(), "big")
        >> (256 - form["proof"]["bits"])
        == 0
    )
    sent = {"form_token": form["form_token"], "proof": proof, "text": LETTER}

    def send() -> httpx2.Response:
        return system.http.post(f"{path}/appeals", json=sent, headers={"Origin": site})

    # A form that is less than three seconds old is refused, and not spent by it.
    receipt = until(lambda: answer if (answer := send()).status_code != 422 else None)
    assert (receipt.status_code, receipt.headers["access-control-allow-origin"]) == (201, site), receipt.text
    again = send()
    assert (again.status_code, again.json()["number"]) == (200, receipt.json()["number"]), (
        "it is the same appeal"
    )
    assert tracked(system, receipt.json()["tracking_code"])["number"] == receipt.json()["number"]

    action, token = (
        re.findall(r'action="([^"]+)"', page),
        re.findall(r'name="form_token" value="([^"]+)"', page),
    )
    host = urlsplit(str(system.http.base_url)).netloc
    plain = {**HTML, "Origin": f"http://{host}"}
    shown = system.http.post(action[0], data={"form_token": token[0], "text": "Яма у дома"}, headers=plain)
    assert shown.status_code == 201, shown.text
    number, code = re.findall("<strong>([^<]+)</strong>", shown.text)
    assert tracked(system, code)["number"] == number
