"""dynamicsubdomain: an undocumented spelling of "Set host URL" that one published connector uses.

Reference: policy-templates, section 4: it has the same parameter and does the same (inferred).
"""

from __future__ import annotations

from .policy import Policy
from .set_host_url import PARAMETERS, SetHostUrl

POLICY = Policy(
    id="set-subdomain",
    template="dynamicsubdomain",
    title="Set subdomain",
    summary="Replaces scheme, host and base path of the request, as dynamichosturl does.",
    parameters=PARAMETERS,
    sections=("request",),
    build=SetHostUrl,
    since="0.1",
    source="inferred from a published connector",
)
