"""Policies: the templates of ``apiProperties.json``, run on the messages of a call.

    links = chain(connector, operation)                                  # read once, kept with the operation
    passed = yield from run_request(links, outgoing(request, base), context)
    passed = yield from run_reply(links, passed.outgoing, sent, context)

To add a policy, write one file:

1. a frozen dataclass that holds the decoded parameters, with

   - ``apply(message, scope) -> Outcome``: the message is an ``Outgoing`` in Request and a ``Reply`` in Response. Say in
     ``did`` what was done, or why nothing was; give back the very same message when nothing changed. Values of
     templates come from ``scope.text(template)``, of properties from ``tokens.value_of(token, scope)``, inside a
     collection with ``scope.at(item)``. Raise DocumentError (or ServiceError) to stop the call. A policy of the JSON
     body is ``json_body.edit(message, scope.json, change)``; ``parents.each_parent`` visits an object or each of a
     collection; ``tokens.get``, ``put`` and ``remove`` work on places. A policy that needs the network is a generator:
     it yields an ``Outgoing``, is sent a ``Sent``, and returns the Outcome.
   - ``describe()``: the line for ``tieline show``.
   - ``__post_init__``, which may raise DocumentError for parameters that can never work.

2. ``POLICY = Policy(…)``: names, parameters (each ``kind`` decides how it is decoded), sections. Every parameter names
   a field of the dataclass and is either required or has a default as it would be written in the file.

Then add the record to ``registry.POLICIES``, its cases to ``tests/policy/data/<template>.json``, and write the table of
``docs/policies.md`` anew with ``python tests/policy/write_page.py``.
"""

from .chain import NONE, Chain, Link, chain, chain_of, describe
from .doubts import doubts
from .message import Outcome, Outgoing, outgoing
from .policy import Policy, PolicyParameter
from .registry import POLICIES, TEMPLATES
from .run import Passed, Passing, run_reply, run_request
from .scope import Context, MessageScope
from .settings import DEFAULT, Settings

__all__ = [
    "DEFAULT",
    "NONE",
    "POLICIES",
    "TEMPLATES",
    "Chain",
    "Context",
    "Link",
    "MessageScope",
    "Outcome",
    "Outgoing",
    "Passed",
    "Passing",
    "Policy",
    "PolicyParameter",
    "Settings",
    "chain",
    "chain_of",
    "describe",
    "doubts",
    "outgoing",
    "run_reply",
    "run_request",
]
