"""Which declared response an operation answers with."""

from __future__ import annotations

from ..model import Operation, Response
from ..pipeline.check import declared_response, output_response


def status_of(code: str, usual: int) -> int:
    """The status that a declared code stands for: ``404`` itself, ``4XX`` 400, ``default`` and nonsense ``usual``."""
    text = code.strip().lower()
    if len(text) == 3 and text[0] in "2345":
        if text[1:] == "xx":
            return int(text[0]) * 100
        if text.isascii() and text.isdigit():
            return int(text)
    return usual


def success_of(operation: Operation) -> tuple[int, Response | None]:
    """Status and response of a call that went well.

    The response that the platform takes the output from, unless that is a ``default`` beside a declared 2xx, which is
    what a service sends then. Without one the lowest declared 2xx, then the lowest redirect; an operation that declares
    only errors gets a bare 200.
    """
    declared = sorted((status_of(response.code, 0), response.code) for response in operation.responses)
    lowest = next((code for status, code in declared if 200 <= status < 300), None)
    output = output_response(operation)
    if output is not None and (lowest is None or status_of(output.code, 0)):
        return status_of(output.code, 200), output
    if lowest is None:
        lowest = next((code for status, code in declared if 300 <= status < 400), None)
    found = next((response for response in operation.responses if response.code == lowest), None)
    return (200, None) if found is None else (status_of(found.code, 200), found)


def declared_for(operation: Operation, status: int) -> Response | None:
    """What is declared for a status: its own code, else its class (``4XX``), else ``default``, else None.

    A ``default`` that is what a good call answers with says nothing about errors.
    """
    by_code = {response.code.strip().lower(): response for response in operation.responses}
    for code in (str(status), f"{status // 100}xx"):
        if code in by_code:
            return by_code[code]
    return declared_response(operation, status) if status >= 400 else by_code.get("default")


def refusal_status(operation: Operation) -> int:
    """The status for a bad request: 400, or 422 when only that is declared."""
    codes = {response.code.strip() for response in operation.responses}
    return 422 if "422" in codes and "400" not in codes else 400
