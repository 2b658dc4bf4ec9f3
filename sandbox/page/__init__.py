"""The page to play with: its folder, and who plays what.

`RocketChatServer(page=FOLDER)` serves it; `page_config` says with whom.
"""

from pathlib import Path

from sandbox.page.config import page_config

FOLDER = Path(__file__).parent

__all__ = ["FOLDER", "page_config"]
