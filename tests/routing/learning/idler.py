"""A computing child that never comes to an end."""

from __future__ import annotations

import sys
import threading

from services.routing.learning.rules.parcels import become_modest, read_parcel

if __name__ == "__main__":
    become_modest()
    read_parcel(sys.stdin.buffer)
    threading.Event().wait()
