"""The applicant's mail and phone in whatever spelling."""

from __future__ import annotations

import re

from chassis.normal import fold
from services.intake.masking.contacts import AT, SIGNS
from services.intake.masking.draft import MAIL, PHONE, Draft

_LOCAL_DIGITS = 7
_SHORTEST = 5
_BETWEEN = r"[ ().,·•/_-]{0,4}"
_NO_DIGIT = re.compile(r"\D")


def hide_own_mail(draft: Draft, email: str) -> None:
    """The applicant's address, with spaces between its letters too."""
    local, _, domain = fold(email).strip().partition("@")
    if local and domain and draft.mentions(SIGNS) and local in draft.folded.replace(" ", ""):
        loose_local = " ?".join(map(re.escape, local))
        loose_domain = " ?".join("[.,]" if letter == "." else re.escape(letter) for letter in domain)
        draft.hide_all(re.compile(rf"(?<!\w){loose_local}{AT}{loose_domain}(?!\w)"), MAIL)


def hide_own_phone(draft: Draft, phone: str) -> None:
    """The applicant's number with or without its codes."""
    if not phone:
        return
    written = _NO_DIGIT.sub("", draft.folded)
    for known in _parts_of(fold(phone)):
        if known in written:
            number = _BETWEEN.join(known)
            draft.hide_all(re.compile(rf"(?<!\d)(?:(?:\+ ?7|[78]){_BETWEEN})?\(?{number}(?!\d)"), PHONE)


def _parts_of(phone: str) -> list[str]:
    """The digits of a number: with its code, the last seven, and those after a code in brackets."""
    digits = _NO_DIGIT.sub("", phone)[-10:]
    after_code = _NO_DIGIT.sub("", phone.rpartition(")")[2]) if ")" in phone else ""
    return [part for part in (digits, digits[-_LOCAL_DIGITS:], after_code) if len(part) >= _SHORTEST]
