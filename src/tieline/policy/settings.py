"""What the documentation of policy templates leaves open, each as one named setting with the recommended answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..lang import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The open questions of reference: policy-templates, section 6, and those of section 4."""

    tokens: tokens.Settings = tokens.DEFAULT
    """Missing connection parameters, headers and query parameters; case of property names."""
    error_replies: Literal["response", "failure"] = "response"
    """Which section sees a reply of 400 and above. In API Management ``outbound`` runs for every status and
    ``on-error`` only for exceptions, so Response is the likelier reading (inferred)."""
    routed_query: Literal["replace", "keep"] = "replace"
    """What becomes of an original query parameter whose name ``newPath`` gives too: left out, or sent beside it
    (unknown)."""
    routed_values: Literal["encode", "raw"] = "encode"
    """Whether values that tokens give are percent-encoded in ``newPath`` (unknown): in the path all but ``/`` and what
    a path segment may hold, in the query everything; ``raw`` encodes only what a URL cannot hold."""
    missing_source: Literal["skip", "fail"] = "skip"
    """What setproperty does when its value names a property that is not there (unknown; published connectors rely on
    optional ones)."""
    property_lookups: Literal["text", "evaluate"] = "text"
    """Whether setproperty evaluates ``@connectionParameters()``, ``@headers()`` and ``@queryParameters()``. Only body
    and item are documented, and makers saw that connection parameters are not (PPC PR #2661, issue #4221)."""
    outer_quotes: Literal["keep", "strip"] = "keep"
    """What becomes of single quotes around the whole value of setproperty (unknown; published once)."""
    equal_keys: Literal["last", "first"] = "last"
    """Which of several elements with one key is in the object that convertarraytoobject makes (inferred)."""
    empty_items: Literal["drop", "keep"] = "drop"
    """What stringtoarray does with empty pieces, as between two delimiters (inferred)."""
    moved_source: Literal["remove", "keep"] = "remove"
    """What becomes of a property whose content moveproperties has moved (inferred)."""
    missing_watermark: Literal["keep", "unset"] = "keep"
    """What a poll with new items does for a parameter whose expression gives nothing: keep its value, or send the next
    poll without it, which gives all items again (unknown)."""
    poll_seconds: int = 180
    """``Retry-After`` of a poll without new items: what the designer proposes as interval (reference: triggers,
    section 2)."""


DEFAULT = Settings()
"""The recommended answers."""
