"""Tables of the schema `gateway`."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.tables import create_metadata, idempotency_table, instant, key_check_table

metadata = create_metadata("gateway")
idempotency_key = idempotency_table(metadata)
key_check = key_check_table(metadata)

# Everybody who may ask for a token. Secrets are kept as keyed hashes; after a rotation the old one may live on for
# a while. A revoked client stays, because other tables name it. A token is good when it carries the client's generation;
# a trigger makes a new one with every change of what the client may do.
client = Table(
    "client",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("regions", ARRAY(Text), nullable=False),
    Column("organisation_id", Uuid),
    Column("requests_per_minute", Integer, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary),
    instant("previous_until"),
    instant("created_at", now=True),
    Column("created_by", Text, nullable=False),
    instant("revoked_at"),
    Column("revoked_by", Text),
    Column("token_generation", Integer, nullable=False, server_default=text("0")),
    instant("tokens_void_at"),  # when the newest generation began
    Index("client_tokens_void_at_ix", "tokens_void_at"),
)

# Keys that sign tokens; the private half is encrypted with the installation's key. More than one may be valid.
signing_key = Table(
    "signing_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("private_key", LargeBinary, nullable=False),
    Column("public_jwk", JSONB, nullable=False),
    instant("created_at", now=True),
    instant("signs_from", nullable=False),
)

# What callers have used of their limits at all gateways together: until when their requests keep the system busy. May be
# lost with its server (not logged); keys are keyed hashes, for they may be addresses.
used_limit = Table(
    "used_limit",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    instant("busy_until", nullable=False),
    prefixes=["UNLOGGED"],
)
