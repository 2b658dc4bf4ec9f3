"""Servers to practise with: compatible with Rocket.Chat and with Jira, in memory."""
