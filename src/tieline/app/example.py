"""The example servers, Inventory and Identity: where they are, and how they run in this process."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from ..model import BugError

PACKAGE = Path(__file__).resolve().parent.parent


def inventory_folder() -> Path | None:
    """The folder of Inventory: inside an installed package, or in a checkout; None when it is in neither."""
    return _folder("inventory")


def load_inventory() -> ModuleType:
    """The API as a package, loaded from its folder; it has ``create_app``. Raises BugError ``no-example``."""
    return _load("inventory")


def load_identity() -> ModuleType:
    """The authorization server in the same way; it has ``create_app`` and ``IdentityOptions``."""
    return _load("identity")


def _folder(example: str) -> Path | None:
    places = (PACKAGE / "examples" / example, PACKAGE.parent.parent / "examples" / example)
    return next((place for place in places if (place / "app.py").is_file()), None)


def _load(example: str) -> ModuleType:
    folder = _folder(example)
    if folder is None:
        raise BugError("no-example", f'the example "{example}" is not installed', remedy="install Tieline again")
    name = f"tieline_example_{example}"
    if name not in sys.modules:
        spec = spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
        if spec is None or spec.loader is None:
            raise BugError("no-example", f'cannot load the example from "{folder}"')
        module = module_from_spec(spec)
        sys.modules[name] = module  # its modules import each other relatively
        spec.loader.exec_module(module)
    return sys.modules[name]
