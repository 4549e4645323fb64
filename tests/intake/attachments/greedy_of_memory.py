"""A reader of files that wants more memory than it may have; given all of it, it takes the file."""

from pathlib import Path

from services.intake.attachments import process
from services.intake.attachments.rules.messages import Verdict


def take_memory(source: Path, target: Path, claimed: str) -> Verdict:
    """In place of a decoder."""
    taken = [bytearray(64 * 1024 * 1024) for _ in range(64)]
    return Verdict(media_type="image/png" if taken else "")


if __name__ == "__main__":
    process._look_into = take_memory
    process.main()
