"""The gateway to Jira: the only place that knows how that server speaks."""
