"""A Rocket.Chat-compatible server, in memory."""
