"""The reference: a bare FastAPI endpoint with the same body model, storing nothing."""

from __future__ import annotations

import sys
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from uuid_utils.compat import uuid7

from services.intake.registration.schemas import NewAppeal


class Registered(BaseModel):
    """What the reference answers."""

    id: UUID
    number: str
    tracking_code: str
    status: str


app = FastAPI()


@app.post("/api/v1/appeals", status_code=201)
async def submit_appeal(appeal: NewAppeal) -> Registered:
    """Validate and answer."""
    return Registered(id=uuid7(), number="46-2026-0000001", tracking_code="X", status="registered")


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(sys.argv[1]), access_log=False, log_level="warning", loop="uvloop", http="httptools"
    )
