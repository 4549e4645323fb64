"""Logins: one person has one, however it is typed."""

from __future__ import annotations

import re

from chassis.normal import fold

LONGEST_LOGIN = 100
# Letters of one alphabet: Latin beside Cyrillic ones would make two logins that look alike.
_LOGIN = re.compile(r"(?=.*[a-zа-я0-9])(?:[a-z0-9._@+-]{3,100}|[а-я0-9._@+-]{3,100})")


def login_key(login: str) -> str:
    """What logins are compared by: the normal form in small letters. Of any text; what is no login is nobody's."""
    return fold(login).strip()


def require_login(login: str) -> str:
    """The login without blanks around it; ValueError for what cannot be one."""
    if not _LOGIN.fullmatch(login_key(login)):
        raise ValueError("3 to 100 letters of one alphabet, digits and . _ @ + -")
    return login.strip()
