"""Postgres: engines, transactions, and the one way in which a statement is sent.

    rows, row, column, scalar, run      SQL with `:name` parameters, typed rows back
    insert_rows, update_rows            many rows in one statement
    copy_to_file                        many rows out, past Python
    Transaction, Transactions, Reading, open_work …   transactions and whose rows are open in them

SQLAlchemy keeps pools, transactions and tables; statements go to the driver (ADR 10).
"""

from chassis.db.bulk import (
    encode_json,
    encode_rows,
    insert_returning,
    insert_rows,
    update_returning,
    update_rows,
)
from chassis.db.copying import copy_to_file
from chassis.db.driver import begin_with
from chassis.db.engine import (
    ALL_ROWS,
    create_engine,
    create_reading_sessions,
    create_sessions,
    database_trouble,
)
from chassis.db.statements import column, row, rows, run, scalar
from chassis.db.transactions import (
    ACTING_CLIENT,
    ACTING_PERSON,
    Reading,
    Transaction,
    Transactions,
    TransactionSeries,
    open_all_rows,
    open_region,
    open_rows_of,
    open_rows_to_bearer,
    open_work,
)

__all__ = [
    "ACTING_CLIENT",
    "ACTING_PERSON",
    "ALL_ROWS",
    "Reading",
    "Transaction",
    "TransactionSeries",
    "Transactions",
    "begin_with",
    "column",
    "copy_to_file",
    "create_engine",
    "create_reading_sessions",
    "create_sessions",
    "database_trouble",
    "encode_json",
    "encode_rows",
    "insert_returning",
    "insert_rows",
    "open_all_rows",
    "open_region",
    "open_rows_of",
    "open_rows_to_bearer",
    "open_work",
    "row",
    "rows",
    "run",
    "scalar",
    "update_returning",
    "update_rows",
]
