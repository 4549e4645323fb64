"""Everything technical that the services share, and nothing about appeals."""

import sys

# structlog imports rich for colours where rich is installed: 7 MB in every process, for JSON lines that have none.
_hidden = "rich" not in sys.modules
if _hidden:
    sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402, F401

if _hidden:
    del sys.modules["rich"]
