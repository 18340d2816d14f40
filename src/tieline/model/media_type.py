"""Media types as texts: what all layers ask of them."""

from __future__ import annotations


def bare(media_type: str) -> str:
    """A media type in lower case, without parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json_type(media_type: str) -> bool:
    """Whether bodies of a media type, with or without parameters, are JSON values."""
    name = bare(media_type)
    return name == "text/json" or name.endswith(("+json", "/json"))
