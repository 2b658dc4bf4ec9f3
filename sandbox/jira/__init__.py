"""A Jira-compatible server, in memory."""
