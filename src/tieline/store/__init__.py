"""The only place that persists: connections and their vault, subscriptions, events, history."""
