"""The Jira Query Language: read, checked and carried out against a site."""
