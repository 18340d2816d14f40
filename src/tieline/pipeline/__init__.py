"""One call, from arguments to checked reply: bind, credential, policies, script or send, policies, check.

Generators that yield what they need of the world (``Send``, ``Wait``, ``Now``, ``Renew``) and are sent the answer;
``net`` drives them. So the same code serves the command line, the Python API, triggers, tests and the gateway.
"""

from .bind import Bound, bind
from .call import call
from .check import Checked, check, declared_response, output_response
from .effects import CallSteps, Effect, Now, Renew, Renewed, Send, Steps, Wait
from .errors import api_error
from .forms import File
from .media import decoded_body, decoded_text
from .options import Options
from .pages import merged, pages
from .run import run

__all__ = [
    "Bound",
    "CallSteps",
    "Checked",
    "Effect",
    "File",
    "Now",
    "Options",
    "Renew",
    "Renewed",
    "Send",
    "Steps",
    "Wait",
    "api_error",
    "bind",
    "call",
    "check",
    "declared_response",
    "decoded_body",
    "decoded_text",
    "merged",
    "output_response",
    "pages",
    "run",
]
