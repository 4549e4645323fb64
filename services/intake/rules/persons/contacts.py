"""Mail and phones in whatever spelling."""

from __future__ import annotations

import re

from services.intake.rules.masking import MAIL, PHONE

_AT = r"(?:@|\(\s?(?:at|собака|dog)\s?\)|\[\s?(?:at|собака|dog)\s?\]|\sсобака\s)"
_SIGNS = ("@", "собака", "(at", "[at", "( at", "[ at", "dog")
_ODD_MAIL = re.compile(
    rf"(?i)(?<![\w.+-])[\w.+-]{{1,64}}\s{{0,2}}{_AT}\s{{0,2}}(?:[\w-]{{1,63}}\s?\.\s?){{1,5}}[^\W\d_][\w-]{{1,30}}"
)


def mask_mail(text: str, email: str) -> str:
    """The applicant's address, and whatever else is one."""
    plain = text.lower()
    if not any(map(plain.__contains__, _SIGNS)):
        return text
    local, _, domain = email.strip().partition("@")
    if local and domain and local.lower() in "".join(plain.split()):
        loose_local = r"\s{0,2}".join(map(re.escape, local))
        loose_domain = r"\s{0,2}".join("[.,]" if letter == "." else re.escape(letter) for letter in domain)
        text = re.sub(rf"(?i)(?<!\w){loose_local}\s{{0,2}}{_AT}\s{{0,2}}{loose_domain}(?!\w)", MAIL, text)
    return _ODD_MAIL.sub(MAIL, text)


_LOCAL_DIGITS = 7
_SHORTEST = 5
_BETWEEN = r"[\s().,·•/_—–-]{0,4}"
_NO_DIGIT = re.compile(r"\D")


def mask_phone(text: str, phone: str) -> str:
    """The applicant's number with or without its codes."""
    written = _NO_DIGIT.sub("", text)
    for known in _parts_of(phone):
        if known in written:
            number = _BETWEEN.join(known)
            text = re.sub(rf"(?<!\d)(?:(?:\+\s?7|[78]){_BETWEEN})?\(?{number}(?!\d)", PHONE, text)
    return text


def _parts_of(phone: str) -> list[str]:
    """The digits of a number: with its code, the last seven, and those after a code in brackets."""
    digits = _NO_DIGIT.sub("", phone)[-10:]
    after_code = _NO_DIGIT.sub("", phone.rpartition(")")[2]) if ")" in phone else ""
    return [part for part in (digits, digits[-_LOCAL_DIGITS:], after_code) if len(part) >= _SHORTEST]
