"""What may go wrong between a caller and a service."""

from __future__ import annotations

from chassis.problems import Problem


class UpstreamTimeout(Problem):
    status, slug, title = 504, "upstream-timeout", "The service did not answer in time"


class Overloaded(Problem):
    status, slug, title = 503, "overloaded", "Too many requests are under way; repeat this one"


class Gone(Exception):
    """The caller went away, or an answer broke off after it had begun."""
