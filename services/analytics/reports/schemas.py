"""What a report is asked for by."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query

Format = Annotated[
    Literal["docx", "html", "md"], Query(description="As a document, a page, or text with marks.")
]
