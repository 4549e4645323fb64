"""HTTP/1.1 as this house accepts it: uvicorn's protocol over httptools, made strict and bounded (ADR 12)."""

from chassis.http1.limits import Limits
from chassis.http1.protocol import strict_protocol

__all__ = ["Limits", "strict_protocol"]
