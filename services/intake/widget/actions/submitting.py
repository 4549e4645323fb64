"""A form that was sent, made an appeal once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.problems import KeyReused, Problem, Unprocessable
from services.intake.originals.rules import Secrets
from services.intake.registration.actions.preparing import (
    FORM_TOKEN,
    Accepted,
    Submission,
    make_key,
    prepare_submission,
)
from services.intake.registration.actions.registering import ExternalIdReused
from services.intake.registration.group_commit import GroupCommit
from services.intake.registration.schemas import NewAppeal
from services.intake.tables.widgets import Widget
from services.intake.widget.rules.tokens import Fault, FormToken, client_of, fault_of, read_token
from services.intake.widget.rules.work import is_proof
from services.intake.widget.schemas import WidgetAppeal

_FAULTS: Final[dict[Fault, str]] = {
    "foreign": "The form_token is of another widget.",
    "too young": "The form_token is less than 3 seconds old: repeat the request in a moment.",
    "too old": "The form_token is more than 2 hours old: ask for a new one.",
}


class FormTokenRefused(Problem):
    status, slug, title = 422, "form-token-refused", "The form_token does not serve here now"


class FormTokenSpent(Problem):
    status, slug, title = 409, "form-token-spent", "An appeal has been sent with this form_token already"


class ProofWrong(Problem):
    status, slug, title = 422, "proof-wrong", "The proof of work is none"


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form with its token read."""

    widget: Widget
    body: WidgetAppeal
    token: FormToken


def check_form(secrets: Secrets, widget: Widget, body: WidgetAppeal, now: datetime) -> SentForm:
    """422 for a token that was not issued for this widget, or not in time, for a wrong proof, and for a topic that is not
    offered. Nothing is spent by it."""
    token = read_token(secrets.hash_key, body.form_token)
    if token is None:
        raise FormTokenRefused("The form_token was not issued here.")
    fault = fault_of(token, widget.id, now)
    if fault is not None:
        raise FormTokenRefused(_FAULTS[fault])
    if body.proof is not None and not is_proof(body.form_token, body.proof, token.bits):
        raise ProofWrong(
            "SHA-256 of `<form_token>:<proof>` begins with {bits} zero bits.", values={"bits": token.bits}
        )
    if body.topic is not None and widget.topics and body.topic not in widget.topics:
        raise Unprocessable("See errors.", errors=[{"pointer": "/topic", "message": "is not offered here"}])
    return SentForm(widget, body, token)


def prepare_form(secrets: Secrets, sent: SentForm, now: datetime, traceparent: str | None) -> Submission:
    """The appeal ready to be registered, with the token as the key of a repeat: registered and spent are one commit."""
    widget, body = sent.widget, sent.body
    new = NewAppeal(
        region=widget.region,
        municipality=widget.municipality,
        channel="widget",
        text=body.text,
        topic=body.topic,
        address=body.address,
        location=body.location,
        applicant=body.applicant,
        attachments=body.attachments,
    )
    client_id = client_of(widget.id)
    spent = make_key(secrets, FORM_TOKEN, client_id, sent.token.nonce.hex())
    return prepare_submission(secrets, new, client_id=client_id, now=now, once=spent, traceparent=traceparent)


async def submit_form(groups: GroupCommit, item: Submission) -> Accepted:
    """Register it, once for each token, however many come at once and whatever was restarted: who sends the same again, having
    lost the answer or pressed twice, is given the first appeal. FormTokenSpent when the token was used for
    another."""
    outcome = await groups.submit(item)
    if isinstance(outcome, KeyReused | ExternalIdReused):
        raise FormTokenSpent("Ask for a new form_token.")
    if isinstance(outcome, Problem):
        raise outcome
    return outcome
