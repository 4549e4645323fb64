"""Mail and phones in whatever spelling."""

from __future__ import annotations

import re

from services.intake.rules.masking import MAIL, PHONE

_AT = r"(?:@|\(\s?(?:at|собака|dog)\s?\)|\[\s?(?:at|собака|dog)\s?\])"
_ODD_MAIL = re.compile(
    rf"(?i)(?<![\w.+-])[\w.+-]{{1,64}}\s{{0,2}}{_AT}\s{{0,2}}(?:[\w-]{{1,63}}\s?\.\s?){{1,5}}[^\W\d_][\w-]{{1,30}}"
)


def mask_mail(text: str, email: str) -> str:
    """The applicant's address, and whatever else is one."""
    local, _, domain = email.strip().partition("@")
    if local and domain and domain[-2:].lower() in text.lower().replace(" ", ""):
        loose = [r"\s{0,2}".join(map(re.escape, part)) for part in (local, domain)]
        text = re.sub(rf"(?i)(?<!\w){loose[0]}\s{{0,2}}{_AT}\s{{0,2}}{loose[1]}(?!\w)", MAIL, text)
    return _ODD_MAIL.sub(MAIL, text)


_LOCAL_DIGITS = 7
_SHORTEST = 5
_BETWEEN = r"[\s().·•/–-]{0,3}"


def mask_phone(text: str, phone: str) -> str:
    """The applicant's number with or without its codes."""
    digits = re.sub(r"\D", "", phone)[-10:]
    after_code = re.sub(r"\D", "", phone.rpartition(")")[2]) if ")" in phone else ""
    for known in (digits, digits[-_LOCAL_DIGITS:], after_code):
        if len(known) >= _SHORTEST and known[-1] in text:
            written = _BETWEEN.join(known)
            text = re.sub(rf"(?<!\d)(?:\+?\s?[78]{_BETWEEN})?\(?{written}(?!\d)", PHONE, text)
    return text
