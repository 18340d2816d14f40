"""States in memory: those in use, and the last ones used. Knows no I/O."""

from __future__ import annotations

from collections.abc import Callable

from ..triggers.protocol import Key
from .ledger import Cached
from .turn import Held


class Cache:
    """The keys used last. One that knows more than what is kept is never put out."""

    def __init__(self, read: Callable[[Key], Held], most: int) -> None:
        """Takes what reads kept keys, and how many stay in memory."""
        self._read = read
        self._most = most
        self._known: dict[Key, Cached] = {}

    def get(self, key: Key) -> Cached:
        """A key; read when it is not here. What the read raises comes out."""
        found = self._known.pop(key, None)
        if found is None:
            found = Cached(self._read(key))
            if len(self._known) >= self._most:
                self._shrink()
        self._known[key] = found
        return found

    def held(self, key: Key) -> Held:
        """What a key is; see ``get``."""
        return self.get(key).held

    def follow(self, key: Key, held: Held) -> Cached:
        """Lets a key be what a record makes of it, which is pending from now on."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Cached(held)
        found.held = held
        found.pending += 1
        return found

    def loaded(self, key: Key) -> Cached | None:
        """A key if it is here."""
        return self._known.get(key)

    def all(self) -> list[Cached]:
        """All that is here."""
        return list(self._known.values())

    def clear(self) -> None:
        """Forgets everything, since what is kept is no longer what this builds on."""
        self._known = {}

    def _shrink(self) -> None:
        """Puts out the oldest but for those that are pending, an eighth more than needed so that it is seldom done."""
        enough = self._most - self._most // 8 - 1
        for key in list(self._known):
            if len(self._known) <= enough:
                return
            if not self._known[key].pending:
                del self._known[key]
