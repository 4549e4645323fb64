"""Personal data in free text: phones, mail, documents, flats, and names, replaced by bracketed words.

Everything is looked for in the normal form of a text and hidden at the same place of what was written. Pure; every
repetition is bounded, so that no text takes more than linear time. Masking too much is a smaller harm here than masking
too little.
"""

from __future__ import annotations

from services.intake.rules.masking.contacts import hide_mail
from services.intake.rules.masking.draft import Draft
from services.intake.rules.masking.flats import hide_flats, without_flat
from services.intake.rules.masking.names import hide_names
from services.intake.rules.masking.numbers import hide_numbers, hide_spoken
from services.intake.rules.masking.own_name import hide_own_name, join_names

__all__ = ["mask_address", "mask_draft", "mask_text"]


def mask_text(text: str, name: str = "") -> str:
    """The text without personal data; `name` is the applicant's own as it was given."""
    draft = Draft(text)
    mask_draft(draft, name)
    return draft.written()


def mask_draft(draft: Draft, name: str) -> None:
    """Hide everything that is personal in a citizen's text."""
    hide_mail(draft)
    if any(map(draft.folded.__contains__, "0123456789")):
        hide_numbers(draft)
        hide_flats(draft)
    hide_spoken(draft)
    hide_names(draft)
    if name:
        hide_own_name(draft, name)
    join_names(draft)


def mask_address(address: str, name: str = "") -> str:
    """The address down to the house, without what else is personal."""
    return mask_text(without_flat(address), name).strip().strip(",;").strip()
