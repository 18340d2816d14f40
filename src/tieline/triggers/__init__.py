"""Webhook, polling and delivery as state tables: ``step(state, input, now)`` gives the next state and commands."""

from .codec import CODEC, decode, decode_command, decode_input, decode_state, encode
from .delivery import DeliveryState
from .handshake import handshake
from .keys import delivery_key, subscription_key
from .moved import Moved
from .notification import check_notification
from .plan import Plan, PollPlan, WebhookPlan, plan
from .polling import PollState
from .settings import Settings
from .step import State, step
from .webhook import WebhookState, accepts

__all__ = [
    "CODEC",
    "DeliveryState",
    "Moved",
    "Plan",
    "PollPlan",
    "PollState",
    "Settings",
    "State",
    "WebhookPlan",
    "WebhookState",
    "accepts",
    "check_notification",
    "decode",
    "decode_command",
    "decode_input",
    "decode_state",
    "delivery_key",
    "encode",
    "handshake",
    "plan",
    "step",
    "subscription_key",
]
