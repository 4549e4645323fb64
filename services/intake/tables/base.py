"""What all tables of intake share. Hot ones lead with the region and are partitioned by the month inside the appeal's UUIDv7."""

from __future__ import annotations

from sqlalchemy import Column, Computed, Integer

from chassis.feeds import generation_table
from chassis.tables import Partition, create_metadata
from chassis.technical_tables import chassis_tables

metadata = create_metadata("intake")
tables = chassis_tables(metadata)
feed_generation = generation_table(metadata)

BY_MONTH_OF_ID = Partition("month", "id")
BY_MONTH = Partition("month", "appeal_id")


def client_hash() -> Column[int]:
    """Leads an index in place of a client's name, which is long; the rows hold the name itself.

    A column, because behind row security no index of a function is used that might leak what it is given.
    """
    return Column("client_hash", Integer, Computed("hashtext(client_id)", persisted=True))
