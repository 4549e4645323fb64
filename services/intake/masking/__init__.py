"""Personal data in free text: phones, mail, documents, flats, and names, replaced by bracketed words.

Everything is looked for in the normal form of a text and hidden at the same place of what was written. Pure; every
repetition is bounded, so that no text takes more than linear time. Masking too much is a smaller harm here than masking
too little.
"""

from __future__ import annotations

from services.intake.masking.contacts import hide_mail
from services.intake.masking.draft import NAME, Draft
from services.intake.masking.flats import hide_flats, leave_out_flats
from services.intake.masking.links import hide_links
from services.intake.masking.names import full_names, hide_names
from services.intake.masking.numbers import hide_numbers, hide_phones_in_words
from services.intake.masking.own_name import hide_own_name, join_names
from services.intake.masking.plates import hide_plates

__all__ = ["mask_address", "mask_draft", "mask_text"]


def mask_text(text: str, name: str = "") -> str:
    """The text without personal data; `name` is the applicant's own as it was given."""
    draft = Draft(text)
    mask_draft(draft, name)
    return draft.written()


def mask_draft(draft: Draft, name: str) -> None:
    """Hide everything that is personal in a citizen's text."""
    _hide_contacts_and_papers(draft)
    hide_flats(draft)
    hide_names(draft)
    _hide_own(draft, name)


def mask_address(address: str, name: str = "") -> str:
    """The address down to the house, without what else is personal; its names are mostly those of streets."""
    draft = Draft(address)
    _hide_contacts_and_papers(draft)
    leave_out_flats(draft)
    draft.hide(list(full_names(draft, with_father=True)), NAME)
    _hide_own(draft, name)
    return draft.written().strip().strip(",;").strip()


def _hide_contacts_and_papers(draft: Draft) -> None:
    hide_mail(draft)
    hide_links(draft)
    if draft.mentions("0123456789"):
        hide_plates(draft)
        hide_numbers(draft)
    hide_phones_in_words(draft)


def _hide_own(draft: Draft, name: str) -> None:
    if name:
        hide_own_name(draft, name)
        join_names(draft)
