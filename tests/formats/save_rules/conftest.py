"""What the tests of the platform's save-time rules share.

``saving`` holds the rules, written from the reference alone; it uses nothing of Tieline. It is a folder beside this
file.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
