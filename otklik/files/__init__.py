"""Appeals and past cases from CSV, NDJSON and XLSX files: one strict reader for every command."""

from otklik.files.appeals import Mapper
from otklik.files.drafts import Draft
from otklik.files.errors import FileError, RowError
from otklik.files.headings import Headings, plain_column
from otklik.files.rows import Row, Source, read_rows

__all__ = [
    "Draft",
    "FileError",
    "Headings",
    "Mapper",
    "Row",
    "RowError",
    "Source",
    "plain_column",
    "read_rows",
]
