"""What /health/ready of the gateway answers, as the one who started everything understands it."""

import json

LOADING = {"gateway": {"start": "still loading"}}
SECRETS = "secrets"  # as `chassis.keys.KeyProof` calls it


def problems_in(body: bytes) -> dict[str, dict[str, str]]:
    """By part; empty when the body holds nothing of the kind."""
    try:
        problems = json.loads(body)["problems"].items()
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {part: found for part, found in problems if isinstance(found, dict)}


def only_held(body: bytes) -> bool:
    """Whether the only thing that is missing is what we are about to load."""
    return problems_in(body) == LOADING


def wrong_keys(body: bytes) -> list[str]:
    """Parts that were started with a wrong key, and which: to start them again would change nothing."""
    found = problems_in(body)
    return [f"{part}: {problems[SECRETS]}" for part, problems in found.items() if SECRETS in problems]
