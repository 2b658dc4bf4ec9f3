"""What a message of the bot says, by what can be read in it."""

import re

from tests.acceptance.faults.script import Meaning

HEAD = re.compile(r"\*CASE-(\d+)\* (\S+)\s*\n(.*)", re.DOTALL)
MILESTONE = r"\*(Specifying|Ready|In Progress|Done)\*"

# Behind the head; the first that fits. What the groups caught is part of the meaning.
ANNOUNCED = (
    ("handed over to", r"Handed over to Level (\d)"),
    ("created", r"Created ([A-Z]+-\d+) http"),
    ("delayed", r"Jira does not answer right now"),
    ("new", r"Opened by "),
    ("receipt", r"We have your report"),
    ("told confirmed", r"Confirmed: this is a defect in the product"),
    ("now", rf"Now {MILESTONE}\."),
    ("again", rf"Moving on again: it is back at {MILESTONE}"),
    ("back", rf"It has gone back a step, to {MILESTONE}"),
    ("done", r"\*Done\*: solved|\*Done\*, but not as a fix"),
    ("reopened", r"[A-Z]+-\d+ was reopened: it went from Done to"),
    ("unmapped", r"[A-Z]+-\d+ is in status (\w+) now, which has no meaning to me"),
)
ANSWERED = (
    ("opened", r"Opened( for .*)?\."),
    ("noted", r"Noted: (\w+)\."),
    ("escalated to", r"Escalated to Level (\d)"),
    ("confirmed", r"Confirmed as a product defect"),
    ("note kept", r"Note kept"),
    ("status", r"(?s:.*)^Last change "),
)
# Without a head: what was refused, and of which case or word.
REFUSED = (
    ("confirmed already", r"CASE-(\d+) is confirmed already"),
    ("evidence missing", r"CASE-(\d+) cannot go up yet"),
    ("at the top", r"CASE-(\d+) is at Level 3 already"),
    ("too early", r"CASE-(\d+) is at Level \d; this needs Level"),
    ("unknown", r"I do not know `(\w+)`"),
    ("no command", r"I only understand commands()"),
)
WITHOUT_DETAIL = frozenset({"opened", "done", "reopened"})


def announced(text: str) -> tuple[str, str, str] | None:
    """Return what the bot says unasked: kind, case number, title; None for everything else."""
    head = HEAD.match(text)
    if head is None:
        return None
    number, title, body = head.groups()
    kind = _kind(ANNOUNCED, body)
    return None if kind is None else (kind, number, title)


def answered(text: str) -> tuple[str, str, str]:
    """Return what the bot says to a command: kind, case number, title or word.

    The kind of what is not understood is the text itself.
    """
    head = HEAD.match(text)
    if head is not None:
        number, title, body = head.groups()
        return _kind(ANSWERED, body) or text, number, title
    for kind, pattern in REFUSED:
        if match := re.match(pattern, text):
            subject = match[1]
            return (kind, subject, "") if subject.isdecimal() else (kind, "", subject)
    return text, "", ""


def meaning_of(said: tuple[str, str, str], titles: dict[str, str]) -> Meaning:
    """Return what is said and of what; a case that is only numbered is looked up."""
    kind, number, subject = said
    return kind, subject or titles.get(number, number)


def _kind(patterns: tuple[tuple[str, str], ...], body: str) -> str | None:
    for kind, pattern in patterns:
        if match := re.match(pattern, body, re.MULTILINE):
            if kind in WITHOUT_DETAIL or not match.groups():
                return kind
            return f"{kind} {match[1]}"
    return None
