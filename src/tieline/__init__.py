"""Tieline: import any API description, make a connector of it, run it here exactly as the platform would.

    import tieline

    connector = tieline.load("InventoryAPI", server="http://127.0.0.1:8321/v1", values={"api_key": "demo-key"})
    result = connector.call("GetProducts", category="Electronics")
    print(result.status, result.body)

Only names in ``__all__`` are public. Each is imported when it is first used, so ``import tieline`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .app.call import CallOptions as CallOptions
    from .app.call import CallResult as CallResult
    from .app.connector import LoadedConnector as LoadedConnector
    from .app.connector import load as load
    from .app.network import NetworkOptions as NetworkOptions
    from .model import DocumentError as DocumentError
    from .model import Finding as Finding
    from .model import ServiceError as ServiceError
    from .model import TielineError as TielineError
    from .net.transport import Transport as Transport
    from .pipeline import File as File

__version__ = "0.1.0"

_PLACES = {
    "CallOptions": ".app.call",
    "CallResult": ".app.call",
    "DocumentError": ".model",
    "File": ".pipeline",
    "Finding": ".model",
    "LoadedConnector": ".app.connector",
    "NetworkOptions": ".app.network",
    "ServiceError": ".model",
    "TielineError": ".model",
    "Transport": ".net.transport",
    "load": ".app.connector",
}

__all__ = [
    "CallOptions",
    "CallResult",
    "DocumentError",
    "File",
    "Finding",
    "LoadedConnector",
    "NetworkOptions",
    "ServiceError",
    "TielineError",
    "Transport",
    "__version__",
    "load",
]


def __getattr__(name: str) -> Any:
    """A public name, imported now (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
