"""Webhook, polling and delivery as state tables: ``step(state, input, now)`` gives the next state and commands."""
