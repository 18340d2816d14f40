"""Where Tieline keeps what it persists."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path


def home() -> Path:
    """The folder of store and vault: ``TIELINE_HOME``, else the platform's per-user data folder. It may not exist."""
    named = os.environ.get("TIELINE_HOME")
    return Path(named).expanduser().absolute() if named else user_data_path("tieline", appauthor=False)
