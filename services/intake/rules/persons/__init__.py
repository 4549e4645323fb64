"""Personal data in what officials write, found with knowledge of the applicant: name, phone, mail and flat in whatever
spelling, and other people where the words before them say that they are private persons.

Pure; every repetition is bounded, so that no text takes more than linear time. Names of streets and institutions,
hotlines, numbers of documents and contracts stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.rules.persons.contacts import mask_mail, mask_phone
from services.intake.rules.persons.homes import mask_flat
from services.intake.rules.persons.names import mask_name
from services.intake.rules.persons.papers import mask_papers
from services.intake.rules.persons.spelling import visible
from services.intake.rules.persons.strangers import mask_strangers

__all__ = ["Applicant", "mask_contacts", "mask_words"]


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who sent an appeal, as they gave it; empty where they did not."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


def mask_words(text: str, applicant: Applicant) -> str:
    """What an official writes, or the applicant later on, without personal data."""
    text = mask_contacts(visible(text), applicant)
    text = mask_flat(text, applicant.address)
    text = mask_papers(text)
    text = mask_strangers(text)
    if applicant.name:
        text = mask_name(text, visible(applicant.name))
    return text


def mask_contacts(text: str, applicant: Applicant) -> str:
    """The text without the applicant's phone and mail in whatever spelling, and without other mail."""
    return mask_phone(mask_mail(text, applicant.email), applicant.phone)
