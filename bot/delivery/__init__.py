"""Inbox, outbox and the dispatcher between them and Rocket.Chat and Jira."""
