"""The gateway to Rocket.Chat: the only place that knows how that server speaks."""
