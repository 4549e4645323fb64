"""Who walks over the pages without a browser: a session, and the key that its forms carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import httpx2

from harness.system import PersonAccount

SIGN_IN, NOT_YOURS, FORGED = "Вход для сотрудников", "Эта страница не для вашей роли.", "Форма устарела."
_KEY = re.compile(r'data-form-key="([^"]+)"')
_NAME = re.compile(r"{(\w+)(?::path)?}")
# Who sees most of a page comes first: whoever else sees it sees less.
WHO = ("nobody", "agency", "coordinator", "analyst", "admin")
# What stands in paths and is no id of anything.
_WORDS = {"code": "22222222222222222222", "service": "intake", "path": "none.css"}


@dataclass
class Walker:
    """Somebody with a session, or nobody where there is no key."""

    name: str
    client: httpx2.Client
    form_key: str = ""

    def send(
        self,
        method: str,
        path: str,
        form: Mapping[str, str | list[str]] | None = None,
        *,
        forged: bool = False,
    ) -> httpx2.Response:
        """One request; a form carries the session's key unless it is forged."""
        if method != "POST":
            return self.client.request(method, path)
        key = {} if forged else {"form_key": self.form_key}
        return self.client.post(path, data={**(form or {}), **key})


def nobody(url: str) -> Walker:
    """Who is not signed in."""
    return Walker("nobody", httpx2.Client(base_url=url, timeout=120))


def sign_in(url: str, name: str, person: PersonAccount) -> Walker:
    """A session of this person."""
    walker = nobody(url)
    answer = walker.client.post(
        "/sign-in", data={"login": person.client_id, "password": person.client_secret}
    )
    assert answer.status_code == 303, answer.text
    found = _KEY.search(walker.client.get("/account").text)
    assert found is not None
    return Walker(name, walker.client, found[1])


def fill(path: str, values: Mapping[str, str]) -> str:
    """A route's path with values; what has none is an id that nothing has."""
    return _NAME.sub(lambda match: values.get(match[1]) or _WORDS.get(match[1]) or str(uuid4()), path)


def names_in(path: str) -> list[str]:
    """What a route's path takes."""
    return _NAME.findall(path)


def looked_at_by(who: frozenset[str]) -> str:
    """Who looks at a page of all who may."""
    if who == {"everybody"}:
        return "nobody"
    return "coordinator" if who == {"signed-in"} else next(role for role in WHO if role in who)
