"""CloudEvents 1.0 in JSON (structured mode): what receivers of events are given, one object for each event."""

from __future__ import annotations

import base64
import json
import math
from datetime import datetime, timedelta
from typing import Any

import orjson

from ..model import DocumentError, Event
from ..model.media_type import is_json_type

MEDIA_TYPE = "application/cloudevents+json"
"""Content type of one event in structured mode."""

VERSION = "1.0"
"""``specversion``."""


def value_of(event: Event) -> dict[str, Any]:
    """The event as a JSON value; data that is not JSON stands in ``data_base64``."""
    return _envelope(event) | _data(event)


def shown(event: Event) -> dict[str, Any]:
    """The event as a JSON value that every reader takes: data with integers over 64 bits, halves of surrogates or very
    deep nesting stands in ``data_base64``, too."""
    value = value_of(event)
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return _envelope(event) | _octets(event)
    return value


def _envelope(event: Event) -> dict[str, Any]:
    """All attributes, without the data."""
    found: dict[str, Any] = {
        "specversion": VERSION,
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": moment(event.time),
    }
    found |= {"subject": event.subject} if event.subject else {}
    found |= {"subscription": event.subscription} if event.subscription else {}
    return found | {"datacontenttype": event.content_type}


def dump(event: Event) -> bytes:
    """The event as JSON in one line, without a line end."""
    try:
        return _line(value_of(event))
    except RecursionError:  # what could be read just so may be too deep to be written
        return _line(_envelope(event) | _octets(event))


def _line(value: dict[str, Any]) -> bytes:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:  # halves of surrogates, which JSON can hold as escapes
        return json.dumps(value, separators=(",", ":")).encode()


def read(data: bytes) -> Event:
    """An event from JSON. Raises DocumentError ``bad-event`` for what is none."""
    try:
        value = orjson.loads(data)
        return Event(
            id=_text(value, "id"),
            source=_text(value, "source"),
            type=_text(value, "type"),
            time=datetime.fromisoformat(value["time"]).timestamp() if "time" in value else 0.0,
            subject=value.get("subject", ""),
            subscription=value.get("subscription", ""),
            content_type=value.get("datacontenttype", "application/json"),
            data=_payload(value),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OSError):  # the last for a local time before 1970
        raise DocumentError(
            "bad-event", "this is no event in CloudEvents 1.0 JSON", remedy='give "id", "source" and "type" as texts'
        ) from None


def moment(time: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC, to the microsecond."""
    # Not ``fromtimestamp``, which knows no year before 1970 or after 3000 on Windows.
    return (datetime(1970, 1, 1) + timedelta(seconds=time)).isoformat(timespec="microseconds") + "Z"


def _data(event: Event) -> dict[str, Any]:
    if not event.data:
        return {}
    if is_json_type(event.content_type):
        try:
            return {"data": json.loads(event.data, parse_constant=_finite, parse_float=_finite)}
        except (ValueError, RecursionError):
            pass  # said to be JSON and is not: carried as it came
    return _octets(event)


def _octets(event: Event) -> dict[str, Any]:
    return {"data_base64": base64.b64encode(event.data).decode()}


def _finite(text: str) -> float:
    """``NaN`` and the infinities are no JSON; ``1e400`` would become one."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _payload(value: dict[str, Any]) -> bytes:
    if "data_base64" in value:
        return base64.b64decode(value["data_base64"], validate=True)
    return orjson.dumps(value["data"]) if "data" in value else b""


def _text(value: dict[str, Any], name: str) -> str:
    found = value[name]
    if not isinstance(found, str) or not found:
        raise ValueError(name)
    return found
