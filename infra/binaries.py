"""How much of a compiled module is ever loaded (ELF, "Object Files" and "Program Header" of the System V ABI)."""

from __future__ import annotations

import struct
from typing import Final

MAGIC: Final = (
    b"\x7fELF\x02\x01"  # of 64 bits, the lowest byte first: all machines that packages are built for
)
HEADER: Final = struct.Struct("<16s2HI3QI6H")
SEGMENT: Final = struct.Struct("<2I6Q")
SECTION: Final = struct.Struct("<2I4Q2I2Q")
WITHOUT_BYTES: Final = 8  # the kind of a section that is only room


def loaded_part(content: bytes) -> bytes:
    """The module without what follows its last segment: symbols and lines for debuggers, and the list of sections that names them.

    The loader reads segments alone. What is no such module, or has something behind it that its sections do not account for,
    comes back as it was.
    """
    if not content.startswith(MAGIC) or len(content) < HEADER.size:
        return content
    try:
        end, known = _end_of_segments(content), _end_of_sections(content)
    except struct.error:
        return content
    if known != len(content) or not HEADER.size <= end < known:
        return content
    *fields, _sections, flags, size, of_segment, segments, _of_section, _count, _names = HEADER.unpack_from(
        content
    )
    header = HEADER.pack(*fields, 0, flags, size, of_segment, segments, 0, 0, 0)
    return header + content[HEADER.size : end]


def _end_of_segments(content: bytes) -> int:
    """With the list of them, which a tool may have moved behind the rest."""
    start, size, count = (HEADER.unpack_from(content)[field] for field in (5, 9, 10))
    ends: list[int] = [start + size * count]
    for number in range(count):
        _, _, offset, _, _, in_file, _, _ = SEGMENT.unpack_from(content, start + number * size)
        ends.append(offset + in_file)
    return max(ends)


def _end_of_sections(content: bytes) -> int:
    """With the list of them."""
    start, size, count = (HEADER.unpack_from(content)[field] for field in (6, 11, 12))
    ends: list[int] = [start + size * count]
    for number in range(count):
        _, kind, _, _, offset, in_file, *_ = SECTION.unpack_from(content, start + number * size)
        ends.append(0 if kind == WITHOUT_BYTES else offset + in_file)
    return max(ends)
