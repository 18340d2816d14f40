"""What the tests of the same request share.

``prescribed`` is the request that OpenAPI 3 prescribes and uses nothing of Tieline; ``lowered`` is the request that a
connector sends. Both are folders beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
