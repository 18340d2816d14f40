"""A connector from wherever the user has it: a folder, a description file, a URL."""

from __future__ import annotations

from pathlib import Path, PurePath
from urllib.parse import unquote, urljoin, urlsplit

from ..formats import Load, read_definition
from ..formats import folder as connector_folder
from ..formats.dialects import base_of
from ..model import Connector, Document, DocumentError, Reply, Request, Sent, ServiceError
from ..source import SourceDocument, read
from .files import read_file, read_folder
from .network import NetworkOptions

REDIRECTS = 5
"""How many redirects are followed when a description is fetched by URL."""


def is_url(source: str) -> bool:
    """Whether a source is fetched rather than read from disk."""
    return source.lower().startswith(("http://", "https://"))


def load_connector(path: Path, *, base_url: str = "") -> Connector:
    """The connector in a folder, or one made of a description file; nothing is written.

    ``base_url`` stands in for a server that a description does not name. Raises DocumentError when there is no
    connector or description.
    """
    if path.is_dir():
        return connector_folder.read(read_folder(path), name=path.resolve().name, load=loader_beside(path / "any"))
    return described_connector(read(read_file(path), path.name), loader_beside(path), base_url=base_url)


def local(word: str) -> Path:
    """A word of a command line as the path of a connector. Raises DocumentError for a URL, which is imported first."""
    if is_url(word):
        raise DocumentError(
            "is-a-url", f'"{word}" is a URL, not a folder', remedy="import it: tieline import URL -o DIR"
        )
    return Path(word)


def check_order(folder: Path, operation: str, first: str, right: str) -> None:
    """Raises DocumentError when folder and operation were typed in the wrong order; ``first`` is what comes first, and
    ``right`` the command in the right order."""
    if not folder.exists() and Path(operation).exists():
        raise DocumentError(
            "wrong-order", f'there is no file or folder "{folder}"', remedy=f"{first} comes first: {right}"
        )


async def load_source(source: str, network: NetworkOptions = NetworkOptions(), *, base_url: str = "") -> Connector:
    """The same for a path or a URL."""
    if not is_url(source):
        return load_connector(Path(source), base_url=base_url)
    document = await fetch(source, network)
    return described_connector(document, None, base_url=base_of(document, given=base_url, url=source))


def described_connector(
    document: SourceDocument, loader: Load | None, *, base_url: str = "", name: str = ""
) -> Connector:
    """A connector made of an API description, with the connection parameters that its sign-in needs."""
    definition, findings = read_definition(document, loader, base_url=base_url)
    return connector_folder.from_definition(definition, (document,), name=name, findings=findings)


def origin(url: str) -> str:
    """Scheme and host of a URL: where a description that names only relative servers is served."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def loader_beside(path: Path, root: Path | None = None) -> Load:
    """Loads the other files of a multi-file description, from ``root`` (its own folder) and below only.

    So a description from elsewhere cannot pull other files of this machine into a connector.
    """
    base = path.resolve().parent
    allowed = root.resolve() if root is not None else base

    def load(relative: str) -> Document:
        return read(read_file(_below(allowed, base, relative)), relative)

    return load


def _below(allowed: Path, base: Path, relative: str) -> Path:
    """The file that a reference means. Raises DocumentError ``outside-folder``, ``unreadable-file``."""
    name = unquote(relative)
    try:
        target = None if leaves_drive(name, base, allowed) else (base / name).resolve()
    except (ValueError, RuntimeError) as error:  # a null character, links in a circle
        said = f'cannot read "{relative}": {error}'
        raise DocumentError("unreadable-file", said, remedy="check the reference") from None
    if target is None or not target.is_relative_to(allowed):
        raise DocumentError(
            "outside-folder",
            f'"{relative}" is outside of the folder "{allowed}"',
            remedy="allow a folder above with --root DIR, if you trust the description",
        )
    return target


def leaves_drive(name: str, base: PurePath, allowed: PurePath) -> bool:
    """Whether a name seen from a folder leads to another drive or network share than the allowed one; no other system
    than Windows has them. Only to ask Windows where such a name leads would sign the user in there."""
    return (base / name).drive.casefold() != allowed.drive.casefold()


async def fetch(url: str, network: NetworkOptions) -> SourceDocument:
    """A description by URL. Raises ServiceError when nothing usable came back."""
    from ..net.transport import Transport

    name = Path(urlsplit(url).path).name or "description"
    async with Transport(network.transport()) as transport:
        for _ in range(REDIRECTS + 1):
            reply = _replied(url, await transport.send(Request(method="GET", url=url, headers=(("Accept", "*/*"),))))
            target = reply.header("location")
            if reply.status not in (301, 302, 303, 307, 308) or not target:
                break
            url = redirected(url, target)
    if reply.status != 200:
        said = f"{reply.status} {reply.reason}".strip()
        raise ServiceError("error-reply", f'"{url}" answered {said}', remedy="open it in a browser")
    return read(reply.body, name)


def _replied(url: str, sent: Sent) -> Reply:
    """The reply; ServiceError when there is none."""
    if sent.reply is not None:
        return sent.reply
    failure = sent.failure
    reason, remedy = (failure.message, failure.remedy) if failure else ("no reply", "")
    raise ServiceError("no-reply", f'cannot fetch "{url}": {reason}', remedy=remedy)


def redirected(url: str, target: str) -> str:
    """Where a redirect leads; only http and https are followed, and never from https to http."""
    onward = urljoin(url, target)
    scheme = urlsplit(onward).scheme.lower()
    if scheme not in ("http", "https") or (scheme == "http" and url.lower().startswith("https:")):
        raise ServiceError("bad-redirect", f'"{url}" redirects to "{onward}"', remedy="fetch the description yourself")
    return onward
