"""Personal data in free text that goes into events: phones, mail, СНИЛС, passports, cards become bracketed words.

Pure regular expressions with bounded repetitions, so that no text takes more than linear time. What an official
writes is masked with this; intake, which knows the applicant's name, masks citizens' words by finer rules of its own.
"""

from __future__ import annotations

import re

PHONE, MAIL, DOCUMENT = "[телефон]", "[почта]", "[документ]"

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[^\W\d_][\w-]{1,30}")
_DIGITS = re.compile(
    r"""(?<![\w+])(?:
      (?P<document> \d{3}-\d{3}-\d{3}[\s-]?\d{2}
      | \d{4}[\s-]?\d{4}[\s-]?\d{4}[\s-]?\d{4}(?:[\s-]?\d{2,3})?
      | \d{2}\s?\d{2}\s(?:№\s?)?\d{6} )
    | (?P<phone>
        (?:\+7|[78])[\s(–-]{0,3}\d{3,5}[\s)–-]{0,3}\d{1,3}[\s–-]{0,2}\d{2}[\s–-]{0,2}\d{2,3}
      | \+\d{1,3}[\s(–-]{0,2}\d{2,4}[\s)–-]{0,2}\d{2,4}[\s–-]?\d{2}[\s–-]?\d{2,4}
      | \(\d{3,5}\)\s?\d{1,3}[\s–-]?\d{2}[\s–-]?\d{2}
      | 9\d{2}[\s–-]?\d{3}[\s–-]?\d{2}[\s–-]?\d{2} )
    | (?P<number> \d{10,12} )
    )(?![\w])(?!-\d)""",
    re.VERBOSE,
)


def mask_personal_data(text: str) -> str:
    """The text without phones, mail addresses and numbers of documents and cards."""
    if "@" in text:
        text = _MAIL.sub(MAIL, text)
    return _DIGITS.sub(lambda match: PHONE if match.lastgroup == "phone" else DOCUMENT, text)
