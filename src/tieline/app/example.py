"""The Inventory example: where it is, and how it runs in this process."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from ..model import BugError

PACKAGE = Path(__file__).resolve().parent.parent


def inventory_folder() -> Path | None:
    """The example's folder: inside an installed package, or in a checkout; None when it is in neither."""
    places = (PACKAGE / "examples" / "inventory", PACKAGE.parent.parent / "examples" / "inventory")
    return next((place for place in places if (place / "app.py").is_file()), None)


def load_inventory() -> ModuleType:
    """The example as a package, loaded from its folder; it has ``create_app``."""
    folder = inventory_folder()
    if folder is None:
        raise BugError("no-example", "the Inventory example is not installed", remedy="install Tieline again")
    name = "tieline_example_inventory"
    if name not in sys.modules:
        spec = spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
        if spec is None or spec.loader is None:
            raise BugError("no-example", f'cannot load the example from "{folder}"')
        module = module_from_spec(spec)
        sys.modules[name] = module  # its modules import each other relatively
        spec.loader.exec_module(module)
    return sys.modules[name]
