"""The declared responses of an operation."""

from __future__ import annotations

from ...model import Refs, Response, Schema
from ..fields import Fields
from .reference import followed


def responses_of(operation: Fields, refs: Refs) -> tuple[Response, ...]:
    """The declared responses of an operation object in order of writing; extensions (``x-…``) are no responses."""
    responses = operation.child("responses")
    found = []
    for code, value in responses.value.items():
        if not str(code).startswith("x-"):
            fields = followed(value, responses.route / code, refs, operation.notes)
            if fields is not None:
                found.append(_response(str(code), fields, refs))
    return tuple(found)


def _response(code: str, fields: Fields, refs: Refs) -> Response:
    """One response object."""
    schema = fields.child("schema")
    return Response(
        code=code,
        description=fields.text("description"),
        schema=Schema(value=schema.value, route=schema.route, refs=refs) if "schema" in fields.value else None,
        headers={name: header.value for name, header in fields.child("headers").members()},
        examples=fields.child("examples").value,
        route=fields.route,
    )
