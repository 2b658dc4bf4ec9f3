"""Writes the transcripts anew."""

import asyncio
import tempfile
from pathlib import Path

from tests.transcripts.flows import FLOWS
from tests.transcripts.writing import FOLDER, page_of, play


def main() -> None:
    """Play all flows."""
    FOLDER.mkdir(exist_ok=True)
    for flow in FLOWS:
        with tempfile.TemporaryDirectory() as folder:
            page_of(flow).write_text(asyncio.run(play(flow, Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
