"""Each rule of the house has been seen to fail: a violation is seeded for every one."""

from __future__ import annotations

import pytest

from tests.house_rules import LONGEST_FILE, findings_in

HOST = "pypi" + ".org"


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("services/x/actions.py", '"""x"""\nasync def f(s):\n    await s.commit()\n', "belongs to the edges"),
        ("services/x/api.py", '"""x"""\nSUBJECT = "intake.appeal.registered.v1"\n', "outside contracts"),
        ("chassis/x.py", '"""x"""\nclass AppealManager:\n    pass\n', "name it for what it does"),
        ("chassis/x.py", '"""x"""\n' + "x = 1\n" * (LONGEST_FILE + 1), "split it by noun"),
        ("chassis/x.py", '"""x"""\ndef f():\n' + "    x = 1\n" * 70, "f: 71 lines"),
        ("chassis/x.py", "x = 1\n", "no module docstring"),
        ("chassis/x.py", f'"""x"""\nx = "{HOST}"\n', "registry host"),
        (
            "services/x/queries.py",
            '"""x"""\ndef f(principal):\n    return principal.regions or ALL\n',
            "ask regions_within",
        ),
        ("services/x/api.py", '"""x"""\nfrom fastapi import APIRouter, Request\n', "strict_routes.Router"),
        ("services/x/rules.py", '"""x"""\ny = text.lower().replace("ё", "е")\n', "second normal form"),
        ("otklik/x.py", '"""x"""\ny = unicodedata.normalize("NFC", text)\n', "second normal form"),
    ],
)
def test_a_seeded_violation_is_found(path: str, source: str, message: str) -> None:
    assert any(message in finding for finding in findings_in(path, source))


def test_clean_code_passes() -> None:
    source = '"""What it is for."""\n\n\ndef act(session):\n    """Do it."""\n    session.add(1)\n'
    assert findings_in("services/x/actions.py", source) == []
