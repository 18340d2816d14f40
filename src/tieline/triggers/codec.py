"""States, inputs and commands as bytes and back: what an engine keeps. Decodes only what was written here.

Each value is an array of its type's name and its fields by name; a field may be added with a default, and older records
are still read. Fields that hold a value of several types hold its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from ..model import BugError, DocumentError, Subscription
from .delivery import DeliveryState
from .plan import PollPlan, WebhookPlan
from .polling import PollState
from .protocol import (
    Call,
    Called,
    Command,
    Deliver,
    Disable,
    Emit,
    Enable,
    Fire,
    Input,
    Notified,
    Push,
    Pushed,
    Report,
    Tell,
    WakeAt,
    Woken,
)
from .step import State
from .webhook import WebhookState


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """``Tell``."""

    key: str
    id: str
    input: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Enabled:
    """``Enable``."""

    subscription: Subscription
    callback_url: str = ""
    plan: bytes = b""


STATES: tuple[type[Any], ...] = (WebhookState, PollState, DeliveryState)
INPUTS: tuple[type[Any], ...] = (Enable, Disable, Notified, Called, Pushed, Woken, Fire, Deliver)
COMMANDS: tuple[type[Any], ...] = (Call, Push, Emit, WakeAt, Tell, Report)
PLANS: tuple[type[Any], ...] = (WebhookPlan, PollPlan)

_SHAPES: Mapping[type[Any], type[Any]] = {Tell: _Told, Enable: _Enabled}
"""Types that are written in another shape."""

_TYPES = {kind.__name__: kind for kind in (*STATES, *INPUTS, *COMMANDS, *PLANS)}
_DECODERS = {name: msgspec.msgpack.Decoder(_SHAPES.get(kind, kind)) for name, kind in _TYPES.items()}
_ENVELOPE = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw])


def encode(value: Any) -> bytes:
    """The bytes of a state, an input, a command or a plan.

    Raises DocumentError ``unwritable-argument`` for arguments that cannot be kept (no JSON, or numbers over 64 bits).
    """
    name = type(value).__name__
    if _TYPES.get(name) is not type(value):
        raise BugError("unwritable-record", f'"{name}" is no state, input or command')
    try:
        return msgspec.msgpack.encode((name, _shaped(value)))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise DocumentError(
            "unwritable-argument",
            f"the arguments of the trigger cannot be kept: {type(error).__name__}",
            remedy="give plain JSON values; write numbers of more than 64 bits as text",
        ) from None


def _shaped(value: Any) -> Any:
    if isinstance(value, Tell):
        return _Told(key=value.key, id=value.id, input=encode(value.input))
    if isinstance(value, Enable):
        plan = b"" if value.plan is None else encode(value.plan)
        return _Enabled(subscription=value.subscription, callback_url=value.callback_url, plan=plan)
    return value


def decode(data: bytes) -> Any:
    """The state, input, command or plan that was written. Raises DocumentError ``bad-record`` for anything else."""
    try:
        name, raw = _ENVELOPE.decode(data)
        value = _DECODERS[name].decode(raw)
    except (msgspec.DecodeError, KeyError, UnicodeDecodeError, RecursionError):
        raise DocumentError(
            "bad-record",
            "a record of the store is no state, input or command",
            remedy="was it written by a newer version of Tieline?",
        ) from None
    if isinstance(value, _Told):
        return Tell(key=value.key, id=value.id, input=decode_input(value.input))
    if isinstance(value, _Enabled):
        plan = decode(value.plan) if value.plan else None
        return Enable(subscription=value.subscription, plan=plan, callback_url=value.callback_url)
    return value


def decode_state(data: bytes) -> State:
    """A state; DocumentError ``bad-record`` for anything else."""
    state: State = _only(decode(data), STATES)
    return state


def decode_input(data: bytes) -> Input:
    """An input; DocumentError ``bad-record`` for anything else."""
    given: Input = _only(decode(data), INPUTS)
    return given


def decode_command(data: bytes) -> Command:
    """A command; DocumentError ``bad-record`` for anything else."""
    command: Command = _only(decode(data), COMMANDS)
    return command


def _only(value: Any, kinds: tuple[type[Any], ...]) -> Any:
    if not isinstance(value, kinds):
        raise DocumentError(
            "bad-record", f'a record of the store is a "{type(value).__name__}", which has no place there'
        )
    return value


class Codec:
    """``encode`` and ``decode`` as one value, for whoever is given a codec."""

    def encode(self, value: Any) -> bytes:
        """The bytes of a state, an input or a command; see ``encode``."""
        return encode(value)

    def decode(self, data: bytes) -> Any:
        """The value of bytes; see ``decode``."""
        return decode(data)


CODEC = Codec()
"""The one codec."""
