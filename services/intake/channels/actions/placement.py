"""Where deliveries of one transaction go: what is registered, joined, recorded, kept. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.moments import not_before
from chassis.partitions import uuid7_time
from contracts.intake import AppealClarified, AppealSourceChanged
from services.intake.channels.actions.arriving import Arrival, Outcome
from services.intake.channels.rules.connection import Connection
from services.intake.channels.rules.placing import Source, continues
from services.intake.channels.rules.reading import Delivery
from services.intake.masking.persons import Applicant, mask_appeal
from services.intake.originals.rules import CLARIFICATION, Secrets
from services.intake.registration.actions.preparing import Submission, prepare_submission
from services.intake.registration.rules.notices import reports_danger
from services.intake.registration.schemas import NewAppeal
from services.intake.tables.channels import ChannelDelivery, ChannelSource
from services.intake.tables.histories import Clarification

ItemKey = tuple[UUID, bytes]


@dataclass(slots=True)
class Item:
    """A message as far as it is known. `is_danger`: its appeal reports a danger to life; `pending`: deliveries that wait for
    the appeal it will belong to; `words`: its last ones, of the moment `worded_at`, None while nothing is known of them."""

    appeal_id: UUID | None = None
    is_danger: bool = False
    pending: list[Arrival] = field(default_factory=list)
    words: str | None = None
    worded_at: datetime | None = None

    def learn(self, arrival: Arrival) -> None:
        """Know the words of a delivery, unless later ones are known."""
        delivery = arrival.delivery
        if delivery is None or delivery.change == "deleted":
            return
        if self.worded_at is None or arrival.at >= self.worded_at:
            self.words, self.worded_at = delivery.words, arrival.at


@dataclass(frozen=True, slots=True)
class Late:
    """A change that was taken alone, and what became of its message."""

    arrival: Arrival
    outcome: Outcome


@dataclass(slots=True)
class Placement:
    """What one transaction does, decided delivery by delivery in the order in which they came."""

    secrets: Secrets
    patience: timedelta
    items: dict[ItemKey, Item]
    sources: dict[ItemKey, Source]
    known: set[ItemKey]
    submissions: list[Submission] = field(default_factory=list)
    kept: list[ChannelDelivery] = field(default_factory=list)
    attached: list[tuple[Arrival, UUID]] = field(default_factory=list)
    written: dict[UUID, ChannelSource] = field(default_factory=dict)
    clarifications: list[Clarification] = field(default_factory=list)
    events: list[AppealClarified | AppealSourceChanged] = field(default_factory=list)

    def take(self, arrival: Arrival) -> Outcome:
        """Decide on one delivery."""
        event = (arrival.connection.id, arrival.event)
        if event in self.known:
            return "repeated"
        self.known.add(event)
        if arrival.delivery is None:
            self._keep(arrival, None)
            return "unread"
        item = self.items.setdefault((arrival.connection.id, arrival.item), Item())
        decide = self._create if arrival.delivery.change == "created" else self._change
        outcome = decide(arrival, arrival.delivery, item)
        item.learn(arrival)
        return outcome

    def _create(self, arrival: Arrival, delivery: Delivery, item: Item) -> Outcome:
        if item.appeal_id is not None:  # taken from its change, or delivered under another id
            self._keep(arrival, item.appeal_id)
            return "repeated"
        outcome = self._begin(arrival, delivery, item)
        self._keep(arrival, item.appeal_id)
        return outcome

    def _change(self, arrival: Arrival, delivery: Delivery, item: Item) -> Outcome:
        if delivery.words and not item.is_danger and reports_danger(delivery.words):
            return self._begin_danger(arrival, delivery, item)
        if _changes_nothing(delivery, item.words):
            return "repeated"
        if item.appeal_id is not None:
            self._keep(arrival, item.appeal_id)
            self._record(arrival, delivery, item.appeal_id)
            assert delivery.change != "created"
            return delivery.change
        item.pending.append(arrival)
        waits_until = arrival.received_at + self.patience if delivery.words else None
        self._keep(arrival, None, waits_until)
        return "waiting"

    def _begin_danger(self, arrival: Arrival, delivery: Delivery, item: Item) -> Outcome:
        """A danger waits for nothing, and is never only a line in the history of what the message said before."""
        if item.appeal_id is not None:
            self._record(arrival, delivery, item.appeal_id)
        outcome = self._begin(arrival, delivery, item)
        assert item.appeal_id is not None
        self._keep(arrival, item.appeal_id)
        self._record(arrival, delivery, item.appeal_id)
        return outcome

    def take_late(self, item: Item) -> Late | None:
        """A message that has waited long enough: its earliest words that are known begin, or join, an appeal."""
        first = min(
            (each for each in item.pending if each.delivery and each.delivery.words),
            key=lambda each: (each.at, each.received_at, each.event),
            default=None,
        )
        if first is None or first.delivery is None:
            return None
        return Late(first, self._begin(first, first.delivery, item))

    def _begin(self, arrival: Arrival, delivery: Delivery, item: Item) -> Outcome:
        """Register the message, or join it to the person's appeal in the thread; then what has waited for it."""
        key = (arrival.connection.id, arrival.conversation or arrival.item)
        source = self.sources.get(key)
        # Whoever works on the appeal would read of a danger too late: it is one of its own.
        joins = continues(source, arrival.at, is_dialog=delivery.is_dialog) and not reports_danger(
            delivery.words
        )
        if source is not None and joins:
            self._join(arrival, delivery, source)
            source = Source(
                source.region,
                source.appeal_id,
                source.status,
                source.post_url,
                max(source.last_at, arrival.at),
            )
        else:
            source = self._register(arrival, delivery)
            item.is_danger = self.submissions[-1].row.danger
        self.sources[key] = source
        self.written[source.appeal_id] = ChannelSource(
            source.region, source.appeal_id, key[0], key[1], source.post_url, source.last_at
        )
        item.appeal_id = source.appeal_id
        self._attach(item, source.appeal_id, delivery.words if delivery.change == "created" else None)
        return "joined" if joins else "registered"

    def _attach(self, item: Item, appeal_id: UUID, words: str | None) -> None:
        """Record what has waited, but for edits that leave the message's `words` as they are."""
        for waiting in sorted(item.pending, key=lambda each: (each.at, each.received_at)):
            self.attached.append((waiting, appeal_id))
            delivery = waiting.delivery
            if delivery is None:
                continue
            if not _changes_nothing(delivery, words):
                self._record(waiting, delivery, appeal_id)
            if delivery.change != "deleted":
                words = delivery.words
        item.pending.clear()

    def _register(self, arrival: Arrival, delivery: Delivery) -> Source:
        submission = prepare_submission(
            self.secrets,
            new_appeal(arrival, delivery),
            client_id=client_of(arrival.connection),
            now=arrival.received_at,
            traceparent=arrival.traceparent,
        )
        self.submissions.append(submission)
        return Source(arrival.connection.region, submission.id, "registered", delivery.post_url, arrival.at)

    def _join(self, arrival: Arrival, delivery: Delivery, source: Source) -> None:
        keyring = self.secrets.keyring
        made = Clarification(
            region=source.region,
            appeal_id=source.appeal_id,
            id=uuid7(),
            key_id=keyring.current,
            sealed=keyring.seal_text(CLARIFICATION, source.appeal_id, delivery.words),
            body_hash=arrival.event,
            clarified_at=arrival.received_at,
        )
        self.clarifications.append(made)
        self.events.append(
            AppealClarified(
                region=source.region,
                appeal_id=source.appeal_id,
                text=masked_words(delivery),
                clarified_at=arrival.received_at,
            )
        )

    def _record(self, arrival: Arrival, delivery: Delivery, appeal_id: UUID) -> None:
        if delivery.change == "created":
            return
        self.events.append(
            AppealSourceChanged(
                region=arrival.connection.region,
                appeal_id=appeal_id,
                change=delivery.change,
                text=masked_words(delivery) or None,
                changed_at=not_before(arrival.at, uuid7_time(appeal_id)),
            )
        )

    def _keep(self, arrival: Arrival, appeal_id: UUID | None, waits_until: datetime | None = None) -> None:
        self.kept.append(
            ChannelDelivery(
                region=arrival.connection.region,
                connection_id=arrival.connection.id,
                event=arrival.event,
                item=arrival.item,
                change=arrival.change,
                at=arrival.at,
                received_at=arrival.received_at,
                appeal_id=appeal_id,
                waits_until=waits_until,
                key_id=arrival.key_id,
                sealed=arrival.sealed,
            )
        )


def _changes_nothing(delivery: Delivery, words: str | None) -> bool:
    """Whether it is an edit of something else than the words: of a picture, or of a place that moves."""
    return delivery.change == "edited" and delivery.words == words


def client_of(connection: Connection) -> str:
    """In whose name appeals of a page are registered."""
    return f"channel-{connection.id}"


def new_appeal(arrival: Arrival, delivery: Delivery) -> NewAppeal:
    """A message as a citizen's appeal; the network's time where it can be that of its sending."""
    connection, name = arrival.connection, delivery.author.name
    sent_at = arrival.at if arrival.at <= arrival.received_at else None
    fields: dict[str, object] = {
        "region": connection.region,
        "channel": connection.network,
        "text": delivery.words,
        "municipality": connection.municipality,
        "submitted_at": sent_at,
        **({"applicant": {"name": name}} if name else {}),
    }
    return NewAppeal.model_validate(fields)


def masked_words(delivery: Delivery) -> str:
    """What a person wrote, as others may read it."""
    return mask_appeal(delivery.words, Applicant(name=delivery.author.name)) if delivery.words else ""
