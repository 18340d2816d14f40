"""Figures of a running server, in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..model import Event
from ..store.history import Counts
from ..triggers.protocol import Push, Pushed, Report

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from .intake import Intake


class Figures:
    """What is counted since the start; the rest is read from the store when somebody asks."""

    def __init__(self) -> None:
        """All counts begin at zero."""
        self._events: dict[str, int] = {}
        self._reports: dict[tuple[str, str], int] = {}
        self._deliveries: dict[tuple[str, str], int] = {}
        self._retries = 0

    def emitted(self, event: Event) -> None:
        """An event came in."""
        self._events[event.type] = self._events.get(event.type, 0) + 1

    def reported(self, report: Report) -> None:
        """Something was reported."""
        key = (report.rule, report.severity)
        self._reports[key] = self._reports.get(key, 0) + 1

    def pushed(self, command: Push, answer: Pushed) -> None:
        """A delivery was tried."""
        key = (command.receiver.kind, "taken" if answer.ok else "failed")
        self._deliveries[key] = self._deliveries.get(key, 0) + 1
        self._retries += command.attempt > 1

    def text(self, counts: Counts, now: float, intake: Intake) -> bytes:
        """All figures."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Once(tuple(self._metrics(counts, now, intake))))
        return generate_latest(registry)

    def _metrics(self, counts: Counts, now: float, intake: Intake) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        events = CounterMetricFamily("tieline_events", "Events since the start, by type.", labels=["type"])
        for type_, number in self._events.items():
            events.add_metric([type_], number)
        yield events
        reports = CounterMetricFamily("tieline_reports", "Reports since the start.", labels=["rule", "severity"])
        for (rule, severity), number in self._reports.items():
            reports.add_metric([rule, severity], number)
        yield reports
        yield CounterMetricFamily("tieline_notifications", "Notifications persisted since the start.", intake.taken)
        refused = CounterMetricFamily("tieline_notifications_refused", "Not taken, by status.", labels=["status"])
        for code, number in intake.refused.items():
            refused.add_metric([str(code)], number)
        yield refused
        tries = CounterMetricFamily("tieline_deliveries", "Tries of deliveries.", labels=["receiver", "outcome"])
        for (receiver, outcome), number in self._deliveries.items():
            tries.add_metric([receiver, outcome], number)
        yield tries
        yield CounterMetricFamily("tieline_delivery_retries", "Those that were not the first.", self._retries)
        dead = counts.keys.get(("delivery", "dead"), 0)
        yield GaugeMetricFamily("tieline_dead_letters", "Deliveries that were given up, and can be replayed.", dead)
        keys = GaugeMetricFamily("tieline_keys", "Subscriptions and deliveries, by state.", labels=["kind", "status"])
        for (kind, status), number in counts.keys.items():
            keys.add_metric([kind, status], number)
        yield keys
        age = 0.0 if counts.oldest is None else max(now - counts.oldest, 0.0)
        yield GaugeMetricFamily("tieline_commands_waiting", "Calls and deliveries that wait or run.", counts.commands)
        yield GaugeMetricFamily("tieline_oldest_command_seconds", "Age of the oldest of them.", age)
        yield GaugeMetricFamily("tieline_timers", "Polls and retries that wait for their time.", counts.timers)
        yield GaugeMetricFamily("tieline_timer_lag_seconds", "How late the earliest of them is.", counts.overdue)
        yield CounterMetricFamily("tieline_events_kept", "Events that this store ever took in.", counts.events)


class _Once:
    """A collector of metrics that are made already."""

    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics
