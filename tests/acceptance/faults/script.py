"""What people type, and what each line must lead to: the model the bot is held against.

All lines of a case are typed in one room, so what the bot answers to each is known beforehand:
only the order within a room counts, and that is the server's.
"""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.acceptance.faults.cast import CUSTOMERS, STAGES, Stage

EVIDENCE = ("version", "steps", "expected", "actual", "reproduction")
TOP = 3

Meaning = tuple[str, str]
"""What a message of the bot says, and of what: a title, or a word that was typed."""


@dataclass(slots=True, eq=False)
class Story:
    """A case as it will be, after all lines written so far."""

    title: str
    stage: Stage
    customer: str
    level: int = 1
    given: list[str] = field(default_factory=list)
    confirmed: bool = False
    thread: str | None = None
    """The message that opened it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that somebody types.

    Attributes:
        answers: what the bot's answer must say; None for none at all.
        entry: what it adds to the case's timeline: kind and text; None for nothing.
    """

    stage: Stage
    author: str
    text: str
    answers: Meaning | None
    story: Story | None = None
    entry: tuple[str, str] | None = None

    @property
    def opens(self) -> bool:
        """Whether it begins a case."""
        return self.entry is not None and self.entry[0] == "opened"

    @property
    def confirms(self) -> bool:
        """Whether a Jira issue is owed for it."""
        return self.entry is not None and self.entry[0] == "confirmed"


class Script:
    """Writes the lines of a play, from a seed.

    Attributes:
        stories: every case begun, in order.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._counter = 0
        self._lines: dict[Stage, deque[Line]] = {stage: deque() for stage in STAGES}
        self.stories: list[Story] = []

    def next_line(self, stage: Stage) -> Line:
        """Return what is typed next in a room."""
        if not self._lines[stage]:
            # Several cases at once, their lines mixed.
            self._lines[stage].extend(_mixed(self._rng, [self._case(stage) for _ in range(2)]))
        return self._lines[stage].popleft()

    def confirms_next(self, stage: Stage) -> bool:
        """Whether what is typed next in a room asks for a Jira issue."""
        return bool(self._lines[stage]) and self._lines[stage][0].confirms

    def one_case(self, stage: Stage, customer: str) -> list[Line]:
        """Return the lines of a case that goes straight from its report to its issue."""
        story = self._begin(stage, customer)
        lines = [self._open(story)]
        lines += [self._evidence(story, item) for item in EVIDENCE]
        lines += [self._escalate(story), self._escalate(story), self._confirm(story)]
        return lines

    def junk(self, stage: Stage) -> Line:
        """Return a line that is no command, or none that anybody knows."""
        word = self._word("zzq")
        greeting = ("no command", "") if stage.direct else None
        text, answers = self._rng.choice(
            (
                (f"!case {word}", ("unknown", word)),
                # A customer's plain words are for a case of theirs.
                (f"!case {word}", ("unknown", word))
                if stage.by_customer
                else (f"Good morning, {word} everybody", greeting),
                ("!deploy now", ("unknown", "deploy") if stage.direct else None),
            )
        )
        return Line(stage=stage, author=stage.opener, text=text, answers=answers)

    # Cases

    def _case(self, stage: Stage) -> list[Line]:
        customer = stage.opener if stage.by_customer else self._rng.choice(CUSTOMERS)
        story = self._begin(stage, customer)
        lines = [self._open(story)]
        items = list(EVIDENCE)
        self._rng.shuffle(items)
        if stage.escalator and self._rng.random() < 0.3:
            lines.append(self._escalate(story))
        lines += [self._evidence(story, item) for item in items]
        lines += self._extras(story)
        if stage.escalator:
            lines.append(self._escalate(story))
            lines += self._extras(story)
            lines.append(self._escalate(story))
            if self._rng.random() < 0.2:
                lines.append(self._escalate(story))
            lines.append(self._confirm(story))
            if self._rng.random() < 0.3:
                lines.append(self._confirm(story))
        return [*lines, *self._extras(story)]

    def _begin(self, stage: Stage, customer: str) -> Story:
        story = Story(title=self._word("Fault"), stage=stage, customer=customer)
        self.stories.append(story)
        return story

    def _extras(self, story: Story) -> Iterator[Line]:
        if self._rng.random() < 0.5:
            yield self._status(story)
        if not story.stage.by_customer and self._rng.random() < 0.7:
            yield self._note(story)
        if self._rng.random() < 0.5:
            yield self.junk(story.stage)

    def _open(self, story: Story) -> Line:
        flag = "" if story.stage.by_customer else f" --customer @{story.customer}"
        return Line(
            stage=story.stage,
            author=story.stage.opener,
            text=self._typed(story.stage, f"case open {story.title}{flag}"),
            answers=("opened", story.title),
            story=story,
            entry=("opened", story.title),
        )

    def _evidence(self, story: Story, item: str) -> Line:
        given = self._word("seen")
        story.given.append(item)
        return self._line(
            story,
            story.stage.opener,
            f"case evidence {item} {given}",
            f"noted {item}",
            entry=("evidence", f"{item}: {given}"),
        )

    def _note(self, story: Story) -> Line:
        text = self._word("thought")
        return self._line(
            story, story.stage.opener, f"case note {text}", "note kept", entry=("note", text)
        )

    def _status(self, story: Story) -> Line:
        return self._line(story, story.stage.opener, "status", "status")

    def _escalate(self, story: Story) -> Line:
        # At Level 3 nobody may raise it further; below, everything must have been given.
        author, reason = story.stage.escalator, self._word("because")
        entry = None
        if story.level == TOP:
            answers = "at the top"
        elif set(story.given) != set(EVIDENCE):
            answers = "evidence missing"
        else:
            story.level += 1
            entry = ("escalated", f"level {story.level - 1} to {story.level}: {reason}")
            answers = f"escalated to {story.level}"
        return self._line(story, author, f"escalate {reason}", answers, entry=entry)

    def _confirm(self, story: Story) -> Line:
        first, story.confirmed = not story.confirmed, True
        return self._line(
            story,
            story.stage.assessor,
            "case confirm",
            "confirmed" if first else "confirmed already",
            entry=("confirmed", "product defect") if first else None,
        )

    def _line(
        self,
        story: Story,
        author: str,
        command: str,
        answers: str,
        *,
        entry: tuple[str, str] | None = None,
    ) -> Line:
        return Line(
            stage=story.stage,
            author=author,
            text=self._typed(story.stage, command),
            answers=(answers, story.title),
            story=story,
            entry=entry,
        )

    def _typed(self, stage: Stage, command: str) -> str:
        prefixes = ("!", "/", "@casebot ", "@casebot: !", *(("",) if stage.direct else ()))
        prefix: str = self._rng.choice(prefixes)
        return prefix + command

    def _word(self, beginning: str) -> str:
        self._counter += 1
        return f"{beginning}{self._counter}x"


def _mixed(rng: random.Random, stories: list[list[Line]]) -> Iterator[Line]:
    waiting = [deque(lines) for lines in stories]
    while waiting:
        chosen = rng.choice(waiting)
        yield chosen.popleft()
        if not chosen:
            waiting.remove(chosen)
