"""Whatever is logged, and by whom, no secret is written."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.log import set_up

SECRET = "tok-71a6-b2c4"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    before = list(logging.root.handlers), logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = before


def fail_with(local: str) -> None:
    headers = {"X-Auth-Token": local}
    raise LookupError(f"nothing under {len(headers)}")


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_form_of_logging_writes_a_secret(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(form=form, level="DEBUG", secrets=[SECRET])  # type: ignore[arg-type]
    log = structlog.get_logger()
    try:
        fail_with(SECRET)
    except LookupError:
        log.exception("failed", deep={"list": [f"a {SECRET}"]})
        logging.getLogger("library").exception("a library says %s", SECRET)
    log.info("plain", text=SECRET)
    written = capsys.readouterr().err
    assert SECRET not in written
    assert written.count("nothing under 1") >= 2
    assert "a library says [hidden]" in written


def test_a_machine_reads_every_line_and_no_local_variable(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up(form="json", level="INFO", secrets=[])
    try:
        fail_with("what somebody said")
    except LookupError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed too")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["failed", "failed too"]
    assert "what somebody said" not in "".join(lines)
