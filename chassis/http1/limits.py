"""What one connection may cost, in bytes and in seconds of waiting for its caller."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network


@dataclass(frozen=True)
class Limits:
    """Seconds count only while the caller is waited for: never while the answer is being made or reading is paused."""

    # A request's line and headers, in bytes, the number of headers, and how long they may take.
    head_bytes: int = 64 * 1024
    head_headers: int = 100
    head_seconds: float = 10.0
    # A body that is at most this long (declared) has to be whole in time; any body has to keep the rate after a start.
    small_body_bytes: int = 64 * 1024
    small_body_seconds: float = 15.0
    body_start_seconds: float = 5.0
    body_bytes_per_second: int = 1024
    # How long a caller may leave an answer unread.
    unread_seconds: float = 60.0
    # Bytes of a body that are read and thrown away after it has been answered early.
    discarded_bytes: int = 64 * 1024 * 1024
    # The same of a caller that has been refused, so that the refusal can reach it; more of it is not read.
    refused_bytes: int = 256 * 1024
    # What all incomplete heads and requests waiting in line may hold together, in bytes of memory; small ones are always let be.
    held_bytes: int = 12 * 1024 * 1024
    held_small_bytes: int = 8 * 1024
    # Requests in a row that a caller has sent ahead and gets answered at once, and the pause before each one more.
    ahead_at_once: int = 64
    ahead_pause_seconds: float = 1.0
    # Open connections of one address (0: any number); those of the exempt networks are not counted.
    connections_per_address: int = 0
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()
    # Whether a caller that has closed its half after its requests gets their answers.
    serves_half_closed: bool = True

    def pause_before(self, turn: int) -> float:
        """Seconds before the `turn`-th request in a row that was sent ahead, so that one caller's flood does not hold up the others."""
        return self.ahead_pause_seconds if turn > self.ahead_at_once else 0.0

    def seconds_for_body(self, declared: int | None, received: int) -> float:
        """How long a body (`declared` bytes, None in chunks) of which so much has come may have taken so far."""
        by_rate = self.body_start_seconds + received / self.body_bytes_per_second
        is_small = declared is not None and declared <= self.small_body_bytes
        return min(by_rate, self.small_body_seconds) if is_small else by_rate


# Behind the gateway: it has measured the caller already, with a start of its own; what is slower than this is a fault.
# It adds headers to those of its caller: a host, a length, a token in place of another. It never closes a half: when it
# sends no more, it has given up.
BEHIND_THE_GATEWAY = Limits(
    head_bytes=72 * 1024,
    head_headers=110,
    small_body_seconds=60.0,
    body_start_seconds=30.0,
    body_bytes_per_second=256,
    unread_seconds=120.0,
    serves_half_closed=False,
)
