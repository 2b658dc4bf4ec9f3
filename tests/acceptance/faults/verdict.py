"""Compares what the servers and the store hold at the end with what was owed."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.cases.case import CaseId
from bot.cases.query import CaseQuery
from sandbox.jira.model import Issue
from sandbox.rocketchat.records import StoredMessage
from storage import open_store
from storage.base import Transaction
from tests.acceptance.faults.cast import STAGES, room_id
from tests.acceptance.faults.milestones import told
from tests.acceptance.faults.saying import announced, answered, meaning_of
from tests.acceptance.faults.script import Line, Meaning, Story
from tests.world import BOT, World

TYPED = frozenset({"opened", "evidence", "escalated", "confirmed", "note"})
"""The kinds of timeline entries that only a command makes."""


@dataclass(slots=True)
class Verdict:
    """What is wrong; nothing, if every count is zero."""

    owed: int = 0
    missing: int = 0
    double: int = 0
    unexpected: int = 0
    disordered: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether everything is as it was owed."""
        return not self.problems

    def compare(self, where: str, owed: Sequence[object], got: Sequence[object]) -> None:
        """Add what is wrong with one sequence."""
        self.owed += len(owed)
        if list(owed) == list(got):
            return
        wanted, found = Counter(owed), Counter(got)
        missing, extra = wanted - found, found - wanted
        double = Counter({one: count for one, count in extra.items() if one in wanted})
        unexpected = extra - double
        self.missing += missing.total()
        self.double += double.total()
        self.unexpected += unexpected.total()
        disordered = not missing and not extra
        self.disordered += disordered
        for word, counted in (("missing", missing), ("double", double), ("unexpected", unexpected)):
            self.problems += [f"{where}: {word} {one!r} x{count}" for one, count in counted.items()]
        if disordered:
            first = next(
                n for n, pair in enumerate(zip(owed, got, strict=True)) if len({*pair}) > 1
            )
            self.problems.append(
                f"{where}: out of order from number {first}:"
                f" owed {owed[first : first + 3]}, got {got[first : first + 3]}"
            )

    def add(self, other: "Verdict", *, where: str) -> None:
        """Add what is wrong somewhere else; what was owed there is not counted again."""
        self.missing += other.missing
        self.double += other.double
        self.unexpected += other.unexpected
        self.disordered += other.disordered
        self.problems += [f"{where}, {problem}" for problem in other.problems]


class Judge:
    """Knows what has been typed and what Jira went through.

    Args:
        typed: every line, in the order the server stored them.
    """

    def __init__(self, world: World, typed: Sequence[Line]) -> None:
        self._world = world
        self._typed = typed

    def on_servers(self) -> Verdict:
        """Compare what both servers hold."""
        verdict = Verdict()
        said = self._said()
        titles = {}
        for messages in said.values():
            for message in messages:
                kind, number, subject = answered(message.text)
                if kind == "opened":
                    titles[number] = subject
        owed = self._announcements()
        got: dict[tuple[str, str], list[str]] = defaultdict(list)
        answers: dict[str, list[Meaning]] = defaultdict(list)
        for room, messages in said.items():
            for message in messages:
                news = announced(message.text)
                if news is None:
                    answers[room].append(meaning_of(answered(message.text), titles))
                elif news[0] != "delayed":
                    got[room, news[2]].append(news[0])
        names = self._room_names()
        for room in sorted({*names, *answers}):
            place = f"answers in {names.get(room, room)}"
            verdict.compare(place, self._answers(room), answers[room])
        for where in sorted({*owed, *got}):
            room, title = where
            name = names.get(room, room)
            verdict.compare(f"news of {title} in {name}", owed.get(where, []), got.get(where, []))
        self._issues(verdict)
        return verdict

    async def in_store(self, url: str) -> Verdict:
        """Compare what the store holds; the bot must not be running."""
        verdict = Verdict()
        async with open_store(url) as store, store.transaction(durable=False) as tx:
            verdict.compare("what is still to be sent", [0], [await tx.count_pending()])
            numbers = await self._numbers(tx)
            entries = self._entries()
            verdict.compare("cases", sorted(entries), sorted(title for title, _ in numbers))
            for title, number in numbers:
                timeline = await tx.list_timeline(number)
                got = [(one.kind.value, one.text) for one in timeline if one.kind.value in TYPED]
                verdict.compare(f"timeline of {title}", entries.get(title, []), got)
        return verdict

    def carried_out(self) -> list[Line]:
        """Return the lines that changed something and have been answered."""
        count = {
            room: sum(announced(one.text) is None for one in messages)
            for room, messages in self._said().items()
        }
        done = []
        for line in self._typed:
            room = room_id(self._world, line.stage.room)
            if line.answers is None:
                continue
            if count.get(room, 0) <= 0:
                continue
            count[room] -= 1
            if line.entry is not None:
                done.append(line)
        return done

    # What is owed

    def _answers(self, room: str) -> list[Meaning]:
        return [
            line.answers
            for line in self._typed
            if line.answers is not None and room_id(self._world, line.stage.room) == room
        ]

    def _entries(self) -> dict[str, list[tuple[str, str]]]:
        entries: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for line in self._typed:
            if line.story is not None and line.entry is not None:
                entries[line.story.title].append(line.entry)
        return entries

    def _announcements(self) -> dict[tuple[str, str], list[str]]:
        """Return what the bot must say unasked: room and title → kinds, in order."""
        owed: dict[tuple[str, str], list[str]] = defaultdict(list)
        confirmed: list[Story] = []
        for line in self._typed:
            story = line.story
            if story is None or line.entry is None:
                continue
            if line.opens and not story.stage.by_customer:
                owed[self._direct(story.customer), story.title].append("receipt")
            elif line.opens:
                owed[room_id(self._world, "support"), story.title].append("new")
            elif line.entry[0] == "escalated":
                level = line.entry[1][len("level 1 to ")]
                room = room_id(self._world, f"level{level}")
                owed[room, story.title].append(f"handed over to {level}")
            elif line.confirms:
                owed[self._direct(story.customer), story.title].append("told confirmed")
                confirmed.append(story)
        issues = self._issues_by_title()
        for story in confirmed:
            for issue in issues[story.title][:1]:
                place = room_id(self._world, story.stage.room)
                owed[place, story.title].append(f"created {issue.key}")
                messages = told(statuses_of(issue))
                owed[self._direct(story.customer), story.title] += messages.customer
                owed[self._direct(story.stage.escalator), story.title] += messages.specialist
        return owed

    def _issues(self, verdict: Verdict) -> None:
        owed = [line.story.title for line in self._typed if line.story and line.confirms]
        made = self._issues_by_title()
        got = [title for title, issues in made.items() for _ in issues]
        verdict.compare("Jira issues", sorted(owed), sorted(got))

    def _issues_by_title(self) -> dict[str, list[Issue]]:
        found: dict[str, list[Issue]] = defaultdict(list)
        for created in self._world.jira.records.issues:
            issue = self._world.jira.site.issue(created.id)
            found[issue.summary].append(issue)
        return found

    # What is there

    def _said(self) -> dict[str, list[StoredMessage]]:
        said: dict[str, list[StoredMessage]] = defaultdict(list)
        for message in self._world.chat.records.by(BOT):
            said[message.rid].append(message)
        return said

    def _room_names(self) -> dict[str, str]:
        return {room_id(self._world, stage.room): stage.room for stage in STAGES}

    def _direct(self, username: str) -> str:
        workspace = self._world.chat.workspace
        room = workspace.rooms.find_direct({workspace.user(username), workspace.user(BOT)})
        return room.id if room else f"@{username}"

    @staticmethod
    async def _numbers(tx: Transaction) -> list[tuple[str, CaseId]]:
        cases, _ = await tx.list_cases(CaseQuery(), limit=100_000)
        return [(case.title, case.id) for case in cases]


def statuses_of(issue: Issue) -> list[str]:
    """Return the statuses an issue came to, as Jira recorded them, oldest first."""
    return [
        str(item.to_text)
        for history in sorted(issue.histories, key=lambda one: (one.created, one.id))
        for item in history.items
        if item.field_id == "status"
    ]
