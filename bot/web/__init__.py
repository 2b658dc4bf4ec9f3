"""The HTTP endpoints: health, metrics and the Jira webhook."""
