"""`make prove`: the proofs of the guarantees at full size. Progress on standard error, JSON as the last line.

The same tests run at reduced size in `make test`; here OTKLIK_FULL=1 enlarges them and lets those run that exist at
full size only. Takes about half an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PROOFS = {
    "chaos": ["tests/chaos/test_kill_nine.py"],
    "faults": ["tests/chaos/test_faults.py"],
    "framing": [
        "tests/chassis/http1",
        "tests/gateway/test_framing.py",
        "tests/gateway/test_odd_services.py",
        "tests/gateway/test_answers.py",
    ],
    "callers": ["tests/gateway/test_hostile_callers.py"],
    "restore": ["tests/chassis/test_restored_feeds.py"],
    "events": ["tests/chassis/test_events_on_the_wire.py", "tests/chassis/test_sending.py"],
    "clients": ["tests/chaos/test_clients.py"],
    "imports": ["tests/journeys/test_an_interrupted_import.py", "tests/otklik/test_dirty_files.py"],
    "replay": ["tests/journeys/test_replaying_a_file.py"],
    "access": [
        "tests/journeys/test_who_may_do_what.py",
        "tests/journeys/test_foreign_objects.py",
        "tests/infra/test_nats.py",
        "tests/infra/test_row_security.py",
        "tests/gateway/test_revocation.py",
        "tests/gateway/people",
    ],
    "forms": ["tests/intake/widget", "tests/intake/open311"],
    "masking": ["tests/intake/test_masking_again.py", "tests/intake/test_masking_spellings.py"],
    "moderation": ["tests/intake/moderation"],
    "words": ["tests/journeys/test_canaries.py", "tests/intake/test_masking_officials.py"],
    "channels": ["tests/intake/channels"],
    "fuzz": ["tests/journeys/test_nothing_breaks_it.py"],
    "queue": ["tests/journeys/test_claiming_at_once.py", "tests/chaos/test_queue.py"],
    "deadlines": ["tests/sla"],
    "meaning": ["tests/meaning"],
    "learning": ["tests/routing/learning"],
    "law": [
        "tests/routing/law",
        "tests/routing/test_levels.py",
        "tests/routing/test_precision.py",
        "tests/sla/test_one_clock.py",
    ],
    "territory": [
        "tests/routing/places",
        "tests/routing/test_places.py",
        "tests/routing/test_territories.py",
    ],
    "classifier": [
        "tests/routing/test_classifier.py",
        "tests/routing/test_classifier_thresholds.py",
        "tests/routing/test_classifier_proposals.py",
        "tests/routing/test_classifier_samples.py",
    ],
    "answers": ["tests/routing/answers"],
    "attachments": ["tests/intake/attachments", "tests/routing/answers/test_attachments.py"],
    "incidents": ["tests/routing/incidents"],
    "incident_answer": ["tests/chaos/test_incident_answer.py", "tests/routing/incidents_acts"],
    "figures": ["tests/analytics"],
    "stream": ["tests/journeys/test_the_live_stream.py", "tests/analytics/test_stream.py"],
    "problems": ["tests/analytics/problems", "tests/signals/test_invented_year.py"],
    "finish": ["tests/analytics/finish"],
    "analyse": [
        "tests/signals/test_rules.py",
        "tests/signals/test_real_quarter.py",
        "tests/otklik/test_analysing.py",
    ],
    "effects": ["tests/signals/test_effects.py", "tests/analytics/test_decisions.py"],
}


def main() -> int:
    """Run the chosen proofs; 0 when all hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"comma-separated: {','.join(PROOFS)}")
    chosen = [name for name in (parser.parse_args().only or ",".join(PROOFS)).split(",") if name]
    results = {}
    for name in chosen:
        began = time.monotonic()
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as figures:
            environment = {
                **os.environ,
                "OTKLIK_FULL": "1",
                "OTKLIK_PROOFS": figures.name,
                "OTKLIK_FUZZ_EXAMPLES": os.environ.get("OTKLIK_FUZZ_EXAMPLES", "100"),
            }
            patience = ("-o", "faulthandler_timeout=3600")
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *patience, *PROOFS[name]]
            done = subprocess.run(command, cwd=PROJECT, env=environment, stdout=sys.stderr, check=False)
            lines = Path(figures.name).read_text().splitlines()
        results[name] = {
            "holds": done.returncode == 0,
            "seconds": round(time.monotonic() - began),
            "figures": [json.loads(line) for line in lines],
        }
    print(json.dumps({"holds": all(result["holds"] for result in results.values()), "proofs": results}))
    return 0 if all(result["holds"] for result in results.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
