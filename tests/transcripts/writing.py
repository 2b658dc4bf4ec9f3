"""Plays the flows and writes them down: `python -m tests.transcripts`."""

from pathlib import Path

from tests.transcripts.scene import Flow, Scene
from tests.world import World

FOLDER = Path(__file__).parents[2] / "docs" / "transcripts"


async def play(flow: Flow, folder: Path) -> str:
    """Play a flow with a bot that keeps its data in an empty folder; return the page."""
    async with World(folder) as world, world.bot():
        scene = Scene(world=world)
        await flow.play(scene)
        return f"# {flow.title}\n\n{flow.summary}\n\n{scene.finish()}"


def page_of(flow: Flow) -> Path:
    """Return where a flow is written down."""
    return FOLDER / f"{flow.slug}.md"
