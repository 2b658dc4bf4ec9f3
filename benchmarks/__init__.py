"""How fast and how small the bot is, measured against the servers to practise with."""
