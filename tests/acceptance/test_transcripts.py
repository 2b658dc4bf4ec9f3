"""The main flows go as the documentation shows them."""

from pathlib import Path

import pytest

from tests.transcripts.flows import FLOWS
from tests.transcripts.scene import Flow
from tests.transcripts.writing import page_of, play


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.slug)
async def test_a_flow_goes_as_it_is_written_down(flow: Flow, tmp_path: Path) -> None:
    played = await play(flow, tmp_path)
    assert page_of(flow).read_text(encoding="utf-8") == played, (
        "`python -m tests.transcripts` writes it anew"
    )
