"""A path below the base URL, written as a template: what ``newPath`` and ``parameterValueUrl`` are.

Reference: policy-templates, section 4. Path parameters are those with which the operation was called, encoded as they
were; a leading slash is optional; a query may follow.
"""

from __future__ import annotations

from ..lang.tokens import PathParameter, Template, Text, part_text, shown
from ..model import DocumentError
from . import url
from .scope import MessageScope


def check_relative(template: Template) -> None:
    """Raises DocumentError ``bad-route`` for a template that is a whole URL."""
    if url.has_scheme(template.text):
        raise DocumentError(
            "bad-route",
            f'"{shown(template.text)}" is a whole URL, and a path below the base URL is wanted',
            remedy='leave out scheme and host; "dynamichosturl" sets those',
            route=template.route,
        )


def relative(template: Template, scope: MessageScope) -> tuple[str, str]:
    """Path and query that a template gives, as they are sent: path parameters are encoded already, other values not.

    Raises DocumentError as ``tokens.part_text`` does.
    """
    settings = scope.context.settings
    out: list[str] = []
    encode = url.in_path
    for part in template.parts:
        text = part_text(part, template, scope, settings.tokens)
        if isinstance(part, Text):
            out.append(url.literal(text))
            encode = url.in_query if "?" in text else encode
        elif isinstance(part, PathParameter):
            out.append(text if encode is url.in_path else url.from_path(text))
        else:
            out.append(url.literal(text) if settings.routed_values == "raw" else encode(text))
    path, _, query = "".join(out).partition("?")
    return path or "/", query
