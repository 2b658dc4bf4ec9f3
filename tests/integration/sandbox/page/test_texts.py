"""The modules of the page that need no browser, run by node."""

import base64
import json
import shutil
import subprocess
from typing import Any

import pytest

from sandbox.page import FOLDER

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def run(module: str, expression: str, *arguments: object) -> Any:  # noqa: ANN401 - as JSON has it
    """Return what an expression over the exports `m` and the arguments `a` is."""
    source = base64.b64encode((FOLDER / module).read_bytes()).decode()
    script = (
        f"const m = await import('data:text/javascript;base64,{source}');"
        f"const a = {json.dumps(arguments)};"
        f"process.stdout.write(JSON.stringify(({expression}) ?? null));"
    )
    assert NODE is not None
    done = subprocess.run(  # noqa: S603 - our own script
        [NODE, "--input-type=module", "--eval", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return json.loads(done.stdout)


def inline(*lines: str) -> list[Any]:
    """Return each line's nodes: the text itself, or the node's kind and what it holds."""
    show = (
        "const show = (n) => n.kind === 'text' ? n.text : n.children"
        " ? [n.kind, ...(n.url ? [n.url] : []), ...n.children.map(show)]"
        " : [n.kind, n.name ?? n.text ?? n.at];"
    )
    found: list[Any] = run(
        "text/markdown.js",
        f"(() => {{ {show} return a[0].map((one) => m.inline(one).map(show)); }})()",
        lines,
    )
    return found


def test_styles_escapes_and_names() -> None:
    cases: dict[str, list[Any]] = {
        "*bold* and **bold**": [["bold", "bold"], " and ", ["bold", "bold"]],
        "_it_ ~no~ `c*o*de`": [["italic", "it"], " ", ["strike", "no"], " ", ["code", "c*o*de"]],
        "snake_case_name, 2 * 3 * 4": ["snake_case_name, 2 * 3 * 4"],
        r"\*not\* \_not\_ \[x": [r"*not* _not_ \[x"],
        "*a _b_ `*` c*": [["bold", "a ", ["italic", "b"], " ", ["code", "*"], " c"]],
        "*open": ["*open"],
        "@ana in #support, me@home.org": [
            ["user", "ana"],
            " in ",
            ["room", "support"],
            ", me@home.org",
        ],
        ":tada: 12:30:45 <t:1700000000:f>": [
            ["emoji", "tada"],
            " 12",
            ["emoji", "30"],
            "45 ",
            ["time", 1700000000000],
        ],
    }
    assert dict(zip(cases, inline(*cases), strict=True)) == cases


def test_only_web_addresses_become_links() -> None:
    cases: dict[str, list[Any]] = {
        "[x](https://e.org/a_b)": [["link", "https://e.org/a_b", "x"]],
        "<https://e.org|y *z*>": [["link", "https://e.org/", "y ", ["bold", "z"]]],
        "see https://e.org/x_y_z.": [
            "see ",
            ["link", "https://e.org/x_y_z", "https://e.org/x_y_z"],
            ".",
        ],
        "[x](javascript:alert(1))": ["[x](javascript:alert(1))"],
        "[x](data:text/html,1) <vbscript:x|y>": ["[x](data:text/html,1) <vbscript:x|y>"],
        "<script>alert(1)</script>": ["<script>alert(1)</script>"],
    }
    assert dict(zip(cases, inline(*cases), strict=True)) == cases
    unsafe = ["javascript:alert(1)", "data:x", "file:///etc/passwd", "//e.org", "https://"]
    assert run("text/markdown.js", "a[0].map(m.safeAddress)", unsafe) == [None] * len(unsafe)


def test_blocks() -> None:
    text = "# Head\ntwo\nlines\n> a\n> - b\n- x\n- [x] y\n3. z\n```js\n*c*\n```\n``` open"
    kinds = run("text/markdown.js", "m.parse(a[0])", text)
    names = ["heading", "paragraph", "quote", "list", "list", "fence", "paragraph"]
    assert [one["block"] for one in kinds] == names
    assert [one["block"] for one in kinds[2]["children"]] == ["paragraph", "list"]
    assert [one["checked"] for one in kinds[3]["items"]] == [None, True]
    assert (kinds[4]["ordered"], kinds[4]["start"]) == (True, 3)
    assert kinds[5]["text"] == "*c*"


def test_hostile_texts_are_read_quickly_and_to_the_end() -> None:
    texts = [
        "*_~" * 1700,
        "`*" * 2500,
        "[" * 5000,
        "> " * 2500,
        "<t:" * 1700,
        "a*" * 2500,
        "```\n" * 999,
    ]
    milliseconds = run(
        "text/markdown.js",
        "a[0].map((one) => {"
        " const t = performance.now(); m.parse(one); return performance.now() - t; })",
        texts,
    )
    assert max(milliseconds) < 1000


def test_slash_lines_are_split_as_written() -> None:
    lines = ["/case open  It fails", "/Status", "/ x", "x /case", "//"]
    assert run("text/slash.js", "a[0].map(m.splitCommand)", lines) == [
        {"word": "case", "params": "open  It fails"},
        {"word": "Status", "params": ""},
        None,
        None,
        {"word": "/", "params": ""},
    ]


def test_a_suggestion_is_filled_with_the_latest_case_in_sight() -> None:
    rules = {"case": {"pattern": r"CASE-(\d+)", "default": "1"}}
    fill = "m.fillIn(a[0], a[1], a[2])"
    seen = ["nothing", "CASE-3 and CASE-7", "CASE-9"]
    assert run("text/slash.js", fill, "show {case} {other}", rules, seen) == "show 7 {other}"
    assert run("text/slash.js", fill, "show {case}", rules, []) == "show 1"
