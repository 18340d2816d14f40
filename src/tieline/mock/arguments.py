"""Arguments for an operation, made up: for trying it out, and for calling every operation of a connector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import MISSING, Operation, Parameter
from ..pipeline.media import FORM, JSON, MULTIPART
from .bodies import file_of
from .sample import Sampler


def sample_arguments(operation: Operation, *, optional: bool = False) -> dict[str, Any]:
    """A fitting value for every required parameter of ``operation`` (with ``optional``, for all), by name.

    Bodies are JSON values, files are bytes. A hidden parameter with a default is left to whoever calls, as a person
    never gives it. Path values are never empty and hold no slash. A name that a former parameter has already gets its
    place in front, as binding wants it: ``query.id``.
    """
    sampler = Sampler(reply=False)
    out: dict[str, Any] = {}
    for parameter in operation.parameters:
        hidden = parameter.internal and parameter.default is not MISSING
        wanted = parameter.required or parameter.where == "path" or (optional and not parameter.internal)
        if wanted and not hidden:
            name = f"{parameter.where}.{parameter.name}" if parameter.name in out else parameter.name
            out[name] = _value(operation, parameter, sampler)
    return out


def _value(operation: Operation, parameter: Parameter, sampler: Sampler) -> Any:
    if parameter.type == "file":
        return file_of(next(iter(operation.consumes), ""))
    if parameter.where == "body" and parameter.schema.type == "string":
        format = parameter.schema.value.get("format")
        if format == "binary" and not any("json" in media for media in operation.consumes):
            return file_of(next(iter(operation.consumes), ""))
    if parameter.where == "header" and parameter.name.lower() in ("content-type", "accept"):
        return _media(operation, parameter)
    also: Callable[[Any], bool] | None = _in_path if parameter.where == "path" else None
    if parameter.where == "header":
        also = _in_header
    return sampler.sample(parameter.schema, also=also).value


def _media(operation: Operation, parameter: Parameter) -> Any:
    """The value of a header that chooses a media type: one that the operation knows and that suits its body."""
    if parameter.default is not MISSING:
        return parameter.default
    if parameter.enum:
        return parameter.enum[0]
    if parameter.name.lower() == "accept":
        return _first(operation.produces, (JSON,))
    fields = [field for field in operation.parameters if field.where == "formData"]
    if not fields:
        return _first(operation.consumes, (JSON,))
    file = any(field.type == "file" for field in fields)
    return _first(operation.consumes, (MULTIPART,) if file else (FORM, MULTIPART))


def _first(listed: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    """The first wanted media type that is listed; without one the first that is listed, or wanted when none is."""
    for media in wanted:
        for known in listed:
            if known.lower().startswith(media):
                return known
    return listed[0] if listed and wanted == (JSON,) else wanted[0]


def _in_path(value: Any) -> bool:
    """Whether a value can be one segment of a path."""
    return value not in ("", ".", "..", None, [], {}) and "/" not in str(value)


def _in_header(value: Any) -> bool:
    """Whether a value can be sent in a header."""
    text = str(value)
    return text.isprintable() and text.isascii()
