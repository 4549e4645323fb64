"""Metrics of what a service does beside answering. Each is shown only by processes that count it: a nought of another would be
a lie, and a sum over processes one, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import Counter, Gauge
from prometheus_client.metrics_core import Metric


class OwnGauge(Gauge):
    """A gauge that is not shown before it is set."""

    is_counted = False

    def set(self, value: float) -> None:
        """As of now; from the first time on it is shown."""
        self.is_counted = True
        super().set(value)

    def follow(self, value: Callable[[], float]) -> None:
        """What `value` says, whenever it is asked; from now on it is shown."""
        self.is_counted = True
        self.set_function(value)

    def collect(self) -> Iterable[Metric]:
        """What is shown of it."""
        return super().collect() if self.is_counted or self._labelnames else ()


OUTBOX_BACKLOG: Final = OwnGauge("otklik_outbox_backlog", "Events committed but not yet on the wire")
OUTBOX_AGE: Final = OwnGauge("otklik_outbox_oldest_seconds", "Age of the oldest event not yet on the wire")
EVENTS_PUBLISHED: Final = Counter(
    "otklik_events_published_total", "Events put on the wire, those sent again not counted", ("event",)
)
EVENTS_HANDLED: Final = Counter(
    "otklik_events_handled_total", "Events whose effect was committed", ("handler",)
)
EVENT_RETRIES: Final = Counter(
    "otklik_event_retries_total", "Deliveries that failed and will be repeated", ("handler",)
)
DEAD_LETTERS: Final = OwnGauge("otklik_dead_letters", "Events given up on, waiting for a person")
CONSUMER_LAG: Final = Gauge(
    "otklik_consumer_lag",
    "Messages (bundles of events) on the stream not yet worked off by this service",
    ("stream",),
)
WEBHOOK_CALLS: Final = Counter(
    "otklik_webhook_calls_total", "Calls of webhooks by what came of them", ("outcome",)
)
TASK_RESTARTS: Final = Counter(
    "otklik_task_restarts_total", "Background tasks restarted after an error", ("task",)
)
