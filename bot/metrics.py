"""What monitoring can ask for at `/metrics`."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """The figures of one bot, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "casebot_messages_taken_in_total",
            "Chat messages for the bot, each once",
            registry=self.registry,
        )
        self.sent = Counter(
            "casebot_deliveries_sent_total", "Deliveries carried out", registry=self.registry
        )
        self.failed = Counter(
            "casebot_deliveries_failed_total", "Deliveries refused for good", registry=self.registry
        )
        self.pending = Gauge(
            "casebot_deliveries_pending", "Deliveries that are owed", registry=self.registry
        )
        self.oldest = Gauge(
            "casebot_oldest_delivery_age_seconds",
            "How long the oldest delivery has been owed",
            registry=self.registry,
        )
        self.connected = Gauge(
            "casebot_chat_connected", "1 while the chat is heard", registry=self.registry
        )
        self.incident = Gauge(
            "casebot_incident",
            "1 while something has gone silent",
            ["incident"],
            registry=self.registry,
        )
        self.jira_read = Gauge(
            "casebot_jira_read_timestamp_seconds",
            "Up to when Jira has been read",
            registry=self.registry,
        )
