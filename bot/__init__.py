"""A bot that carries a product defect through Rocket.Chat to the release that fixes it."""

__version__ = "0.1.0"
