"""Where Tieline keeps what it persists."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from ..model import DocumentError


def home() -> Path:
    """The folder of store and vault: ``TIELINE_HOME``, else the platform's per-user data folder. It may not exist.

    Raises DocumentError ``no-such-folder`` for ``~name`` of somebody whom nobody knows.
    """
    named = os.environ.get("TIELINE_HOME")
    if not named:
        return user_data_path("tieline", appauthor=False)
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError:
        said = f'TIELINE_HOME is "{named}", and nobody here has that home folder'
        raise DocumentError("no-such-folder", said, remedy="name the folder by its whole path") from None
