"""How a webhook trigger ends: the operation that removes what was registered, and the header that leads to it.

The platform calls what the ``Location`` header of the registration's reply says; it needs a DELETE operation for that
(reference: triggers, 1.2). What lives here notes what is missing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .lowering import Lowering
from .operations import Entry
from .paths import shape

LOCATION = "location"
"""The header, in lower case."""


def endings_of(entries: Sequence[Entry]) -> dict[str, Entry]:
    """The operations that may end a trigger, by their paths without names of placeholders."""
    return {shape(one.path): one for one in entries if one.method == "delete"}


def note_ending(entry: Entry, endings: Mapping[str, Entry], low: Lowering) -> None:
    """Note what keeps the platform from ending a trigger, and which of the ``endings`` does it: the DELETE of one
    element of the trigger's path, else that of the path itself."""
    here = shape(entry.path)
    ending = endings.get(f"{here}/{{}}") or endings.get(here)
    if ending is None:
        message = f'no DELETE below "{entry.path}" ends what "{entry.id}" registers'
        low.notes.add("trigger-not-ended", entry.operation[1], message)
    elif "x-ms-visibility" not in ending.operation[0]:
        message = f'"{ending.id}" ends the trigger "{entry.id}"; people need not see it as an action'
        low.notes.add("trigger-ending", ending.operation[1], message)
    if not _has_location(entry, low):
        by_hand = f'; "{ending.id}" has to be called by hand' if ending is not None else ""
        message = f'no reply declares the header "Location", by which the platform ends the trigger{by_hand}'
        low.notes.add("trigger-not-ended", (entry.operation[1], "responses"), message)


def _has_location(entry: Entry, low: Lowering) -> bool:
    """Whether a reply that says that all went well declares ``Location``."""
    responses = low.members(entry.operation, "responses")
    for code in responses[0]:
        if code[:1] == "2" or code == "default":
            headers = low.members(low.members(responses, code), "headers")[0]
            if any(name.lower() == LOCATION for name in headers):
                return True
    return False
