"""What holds for every path of the document, whichever service answers it."""

from __future__ import annotations

from harness.system import System
from tests.journeys.steps import is_endless, whole_document
from tests.journeys.test_who_may_do_what import filled


def test_head_is_get_without_the_body_on_every_path(system: System) -> None:
    admin = system.account("admin")
    paths = [path for path, item in whole_document(system)["paths"].items() if "get" in item]
    assert len(paths) > 20
    endless = {path for path in paths if is_endless(whole_document(system)["paths"][path]["get"])}
    for path in endless:
        assert admin.request("HEAD", filled(path)).headers["content-type"].startswith("text/event-stream")
    for path in map(filled, [path for path in paths if path not in endless]):
        read, asked = admin.get(path), admin.request("HEAD", path)
        assert (asked.status_code, asked.content) == (read.status_code, b""), path
        assert asked.headers["content-type"] == read.headers["content-type"], path


def test_every_path_names_its_methods_to_anybody(system: System) -> None:
    for path, item in whole_document(system)["paths"].items():
        asked = system.http.options(filled(path))
        assert (asked.status_code, asked.content) == (204, b""), path
        allowed = set(asked.headers["allow"].lower().split(", "))
        assert allowed >= (item.keys() & {"get", "post", "put", "patch", "delete"}) | {"options"}, path
        assert ("get" in allowed) == ("head" in allowed)
        refused = system.account("admin").request(
            "PATCH" if "patch" not in allowed else "TRACE", filled(path)
        )
        assert refused.status_code == 405, path
        assert set(refused.headers["allow"].lower().split(", ")) == allowed, path
