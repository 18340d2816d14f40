"""Serves sign-ins: `python examples/identity`, or `python -m tieline.examples.identity` where Tieline is installed."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

if __package__:
    package = __package__
else:
    # Python was given the folder: it put the folder itself on the path and knows of no package. The folder above must
    # be there instead, so that this is a package and its modules hide no others.
    folder = Path(__file__).resolve().parent
    sys.path[0] = str(folder.parent)
    package = folder.name

if __name__ == "__main__":
    sys.exit(import_module(f"{package}.command").main())
