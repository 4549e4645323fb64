"""Personal data in what officials write, found with knowledge of the applicant: name, phone, mail and flat in whatever
spelling, and other people where the words before them say that they are private persons.

Pure; every repetition is bounded, so that no text takes more than linear time. Names of streets and institutions,
hotlines, numbers of documents and contracts stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.masking import mask_draft
from services.intake.masking.contacts import hide_mail
from services.intake.masking.draft import Draft
from services.intake.masking.own_name import join_names
from services.intake.masking.persons.contacts import hide_own_mail, hide_own_phone
from services.intake.masking.persons.homes import hide_home
from services.intake.masking.persons.names import hide_name
from services.intake.masking.persons.papers import hide_papers
from services.intake.masking.persons.strangers import hide_strangers

__all__ = ["Applicant", "mask_appeal", "mask_words"]


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who sent an appeal, as they gave it; empty where they did not."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


def mask_words(text: str, applicant: Applicant) -> str:
    """What an official writes, or the applicant later on, without personal data."""
    draft = Draft(text)
    _hide_contacts(draft, applicant)
    hide_home(draft, applicant.address)
    hide_papers(draft)
    hide_strangers(draft)
    hide_name(draft, applicant.name)
    join_names(draft)
    return draft.written()


def mask_appeal(text: str, applicant: Applicant) -> str:
    """What the applicant writes, without personal data."""
    draft = Draft(text)
    _hide_contacts(draft, applicant)
    hide_home(draft, applicant.address)
    mask_draft(draft, applicant.name)
    return draft.written()


def _hide_contacts(draft: Draft, applicant: Applicant) -> None:
    """The applicant's phone and mail in whatever spelling, and other mail."""
    hide_own_mail(draft, applicant.email)
    hide_mail(draft)
    hide_own_phone(draft, applicant.phone)
