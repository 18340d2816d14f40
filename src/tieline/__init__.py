"""Tieline: import any API description, make a connector of it, run it here exactly as the platform would.

    import tieline

    connector = tieline.load("InventoryAPI", server="http://127.0.0.1:8321")
    result = connector.call("GetProducts", category="Electronics")

Only names in ``__all__`` are public. Everything is imported when it is first used, so ``import tieline`` is cheap.
"""

from __future__ import annotations

__version__ = "0.1.0"
