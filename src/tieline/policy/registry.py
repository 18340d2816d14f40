"""All policies, and the way to find one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..model import BugError
from .convert_array_to_object import POLICY as CONVERT_ARRAY_TO_OBJECT
from .convert_object_to_array import POLICY as CONVERT_OBJECT_TO_ARRAY
from .encode_property_value import POLICY as ENCODE_PROPERTY_VALUE
from .move_properties import POLICY as MOVE_PROPERTIES
from .policy import Policy
from .polling_trigger import POLICY as POLLING_TRIGGER
from .route_request import POLICY as ROUTE_REQUEST
from .set_connection_status import POLICY as SET_CONNECTION_STATUS
from .set_header import POLICY as SET_HEADER
from .set_host_url import POLICY as SET_HOST_URL
from .set_property import POLICY as SET_PROPERTY
from .set_query_parameter import POLICY as SET_QUERY_PARAMETER
from .set_subdomain import POLICY as SET_SUBDOMAIN
from .set_value_from_url import POLICY as SET_VALUE_FROM_URL
from .string_replace import POLICY as STRING_REPLACE
from .string_to_array import POLICY as STRING_TO_ARRAY
from .update_next_link import POLICY as UPDATE_NEXT_LINK

POLICIES: tuple[Policy, ...] = (
    SET_HEADER,
    SET_QUERY_PARAMETER,
    SET_HOST_URL,
    SET_SUBDOMAIN,
    ROUTE_REQUEST,
    SET_VALUE_FROM_URL,
    SET_CONNECTION_STATUS,
    UPDATE_NEXT_LINK,
    SET_PROPERTY,
    CONVERT_OBJECT_TO_ARRAY,
    CONVERT_ARRAY_TO_OBJECT,
    STRING_TO_ARRAY,
    STRING_REPLACE,
    ENCODE_PROPERTY_VALUE,
    MOVE_PROPERTIES,
    POLLING_TRIGGER,
)
"""Every policy that runs, in the order in which the docs list them."""


def by_template(policies: Iterable[Policy]) -> Mapping[str, Policy]:
    """The policies by templateId in lower case. Raises BugError for a record that cannot be right."""
    found: dict[str, Policy] = {}
    ids: set[str] = set()
    for policy in policies:
        problem = _problem(policy)
        if policy.template in found or policy.id in ids:
            problem = "has a name that another policy has"
        if problem:
            raise BugError("bad-policy", f'the policy "{policy.id}" {problem}')
        found[policy.template] = policy
        ids.add(policy.id)
    return found


def _problem(policy: Policy) -> str:
    """What is wrong with a record; empty for nothing."""
    names = [parameter.name.lower() for parameter in policy.parameters]
    if policy.template != policy.template.lower() or not policy.template:
        return "has no templateId in lower case"
    if not policy.sections:
        return "has no section"
    if len(set(names)) < len(names):
        return "has two parameters of one name"
    without = [entry.name for entry in policy.parameters if entry.required == (entry.default is not None)]
    return f'has a parameter "{without[0]}" that is not either required or with default' if without else ""


TEMPLATES = by_template(POLICIES)
"""templateId in lower case -> policy; published files spell templateIds in 23 ways, so compare in lower case."""
