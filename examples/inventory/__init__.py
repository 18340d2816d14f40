"""Inventory: a small real web API to make a connector of.

    from inventory import create_app

    app = create_app("inventory.db", api_key="demo-key")        # any ASGI server runs it; it needs lifespan events

`python examples/inventory` serves it. The folder stands on its own: it may be copied elsewhere, or loaded by path as a
package of any name. It uses Starlette, uvicorn, aiohttp and the standard library.
"""

from __future__ import annotations

from .app import DESCRIPTION, create_app
from .deliveries import Delivery
from .gate import Bearer, Rate

__all__ = ["DESCRIPTION", "Bearer", "Delivery", "Rate", "create_app"]
