"""Names for the keys of groups: from the reference copies, the territories and the channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.territories import REGIONS
from services.analytics.rules.frames import CHANNEL_NAMES, UNKNOWN_NAMES, Dimension
from services.analytics.rules.scope import Scope

_KNOWN = """
SELECT DISTINCT ON (key) key, name FROM analytics.reference
WHERE kind = :kind AND key = ANY(:keys) AND (CAST(:regions AS text[]) IS NULL OR region = ANY(:regions))
ORDER BY key, region
"""


async def find_names(
    session: AsyncSession, dimension: Dimension, keys: Sequence[str | None], scope: Scope
) -> Mapping[str | None, str]:
    """A name for every key; a key nobody has named yet stands for itself."""
    known = [key for key in keys if key is not None]
    if dimension == "region":
        names = {key: REGIONS[key].name for key in known if key in REGIONS}
    elif dimension == "channel":
        names = CHANNEL_NAMES
    elif dimension == "municipality":
        names = {}
    else:
        regions = None if scope.regions is None else list(scope.regions)
        rows = await session.execute(text(_KNOWN), {"kind": dimension, "keys": known, "regions": regions})
        names = {row.key: row.name for row in rows}
    return {None: UNKNOWN_NAMES[dimension], **{key: names.get(key, key) for key in known}}
