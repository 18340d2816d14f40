"""What is installed and found, for ``tieline doctor``."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .. import __version__
from ..model import DocumentError, Finding

if TYPE_CHECKING:
    from ..store.key import KeyStatus

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge", "chrome", "firefox")
"""Programs looked for on the PATH: signing in opens one of them. Windows and macOS know the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the report."""

    name: str
    state: Literal["ok", "optional", "missing"]
    """``optional``: not there, and only some things need it."""
    detail: str
    remedy: str = ""
    """What to type, where something can be done."""

    def json(self) -> dict[str, Any]:
        """The line as JSON."""
        return asdict(self)


def examine() -> tuple[Check, ...]:
    """Look at Python, the packages, the example, the store of connections and its key, the browser and the network
    settings."""
    return (_tieline(), _python(), *_packages(), _example(), *_vault(), _browser(), _proxy())


def _tieline() -> Check:
    return Check(name="tieline", state="ok", detail=__version__)


def _python() -> Check:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return Check(name="python", state="ok", detail=f"{platform.python_version()} ({sys.executable}) on {system}")


def _packages() -> tuple[Check, ...]:
    try:
        wanted = metadata.requires("tieline") or []
    except metadata.PackageNotFoundError:
        remedy = "python -m pip install tieline"
        return (Check(name="packages", state="missing", detail="tieline itself is not installed", remedy=remedy),)
    needed = [line for line in wanted if "extra ==" not in line]
    return tuple(_package(line) for line in needed)


def _package(requirement: str) -> Check:
    text, _, marker = requirement.partition(";")
    name = next((text[:end] for end, char in enumerate(text) if char in "<>=!~[ ("), text).strip()
    try:
        return Check(name=name, state="ok", detail=metadata.version(name))
    except metadata.PackageNotFoundError:
        if marker:
            return Check(name=name, state="optional", detail="not installed: used where the system has it")
        return Check(
            name=name, state="missing", detail="not installed", remedy=f'python -m pip install "{text.strip()}"'
        )


def _example() -> Check:
    from .example import inventory_folder

    folder = inventory_folder()
    if folder is None:
        return Check(name="example", state="missing", detail="not found", remedy="install Tieline again")
    return Check(name="example", state="ok", detail=str(folder))


def _vault() -> tuple[Check, ...]:
    """The store and its key; nothing is made, and nothing is asked of a keyring that holds no key."""
    from ..store.home import home
    from ..store.key import key_status

    try:
        return _store(home()), *_key(key_status(home()))
    except DocumentError as error:
        return (_refused("store", error.finding),)


def _store(home: Path) -> Check:
    from ..store.connections import ConnectionStore
    from ..store.ring import unfinished

    entries = ConnectionStore(home).entries()
    faults = [entry.unreadable for entry in entries if entry.unreadable is not None]
    if faults:
        return _refused("store", faults[0])
    detail = f"{home}: {len(entries)} connections"
    if unfinished(home):
        remedy = "tieline connections rotate-key"
        return Check(name="store", state="missing", detail=f"{detail}; a change of key was not finished", remedy=remedy)
    return Check(name="store", state="ok", detail=detail)


def _key(status: KeyStatus) -> tuple[Check, Check]:
    from ..store.key import IN_KEYRING

    keyring = Check(name="keyring", state="ok" if status.source == IN_KEYRING else "optional", detail=status.keyring)
    if status.open_file:
        detail = f"{status.source} may be read by others than you"
        return Check(name="key", state="optional", detail=detail, remedy="take the right from them: chmod 600"), keyring
    if status.source or not status.needed:
        return Check(name="key", state="ok", detail=status.source or "made with the first connection"), keyring
    remedy = "set TIELINE_KEY, unlock the keyring, or restore the key file from a backup"
    return Check(name="key", state="missing", detail="not found, and connections need it", remedy=remedy), keyring


def _refused(name: str, finding: Finding) -> Check:
    return Check(name=name, state="missing", detail=finding.message, remedy=finding.remedy)


def _browser() -> Check:
    if sys.platform in ("win32", "darwin"):
        return Check(name="browser", state="ok", detail="the system's default browser")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found:
        return Check(name="browser", state="ok", detail=found)
    return Check(name="browser", state="optional", detail="none found on the PATH")


def _proxy() -> Check:
    """The variables that count; without one, Windows and macOS may have proxies in their settings."""
    from urllib.request import getproxies

    names = [
        name
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
        if os.environ.get(name) or os.environ.get(name.lower())
    ]
    if names or not (found := getproxies().keys() & {"http", "https"}):
        return Check(name="proxy", state="ok", detail=f"set: {', '.join(names)}" if names else "none set")
    return Check(name="proxy", state="ok", detail=f"that of the system's settings, for {' and '.join(sorted(found))}")
