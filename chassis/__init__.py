"""Everything technical that the services share, and nothing about appeals."""

import sys
from types import ModuleType
from typing import cast

# structlog imports rich for colours where rich is installed: 7 MB in every process, for JSON lines that have none.
_hidden = "rich" not in sys.modules
if _hidden:
    sys.modules["rich"] = cast(ModuleType, None)
import structlog  # noqa: E402, F401

if _hidden:
    del sys.modules["rich"]
