"""Any sequence of transactions, failures and restarts, compared with plain dictionaries."""

import asyncio
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.cases.case import (
    Case,
    CaseId,
    CaseState,
    IssueId,
    Level,
    MessageId,
    Milestone,
    Owners,
    Progress,
    Question,
    UserId,
)
from bot.cases.dialogue import Dialogue, DialogueKey
from bot.cases.effects import Delivery, DeliveryState, Owed
from bot.cases.profile import Profile
from bot.cases.query import CaseQuery
from storage.base import LEASE, DispatcherId, Store, Transaction
from tests.factories import (
    NOW,
    after,
    build_alert,
    build_case,
    build_dialogue,
    build_entry,
    build_issue,
    build_issue_link,
    build_owed,
    build_person,
)
from tests.store_model import Model, without_ids
from tests.stores import BACKENDS, Backend, Place

ME = DispatcherId("me")
USERS = [UserId("id-carl"), UserId("id-dora")]
THREADS = [MessageId("t1"), MessageId("t2")]
ISSUES = [IssueId("1"), IssueId("2")]

numbers = st.integers(1, 3).map(CaseId)
seconds = st.integers(0, 4).map(lambda n: after(n * LEASE.total_seconds() / 2))
people = st.sampled_from(["carl", "dora"]).map(build_person)
messages = st.integers(1, 5).map(lambda n: MessageId(f"m{n}"))
issue_numbers = st.integers(1, 2)
cases = st.builds(
    build_case,
    numbers,
    title=st.sampled_from(["Crash", "Hang"]),
    customer=people,
    level=st.sampled_from(Level),
    state=st.sampled_from(CaseState),
    owners=st.builds(Owners, analyst=st.none() | people, specialist=st.none() | people),
    issue=st.none() | issue_numbers.map(build_issue_link),
    alert=st.sampled_from([None, build_alert(), build_alert(contacted_at=NOW)]),
    threads=st.lists(st.sampled_from(THREADS), unique=True).map(tuple),
    severity=st.sampled_from(["", "High"]),
    product=st.sampled_from(["", "Editor"]),
    progress=st.sampled_from([Progress(), Progress(milestone=Milestone.READY)]),
    question=st.none() | st.builds(Question, text=st.just("?"), by=people, at=st.just(NOW)),
    due_at=st.none() | seconds,
)
queries = st.builds(
    CaseQuery,
    customer=st.sampled_from([None, *USERS]),
    owner=st.sampled_from([None, *USERS]),
    level=st.sampled_from([None, *Level]),
    state=st.sampled_from([None, *CaseState]),
    words=st.sampled_from([(), ("crash",), ("CASE-1",), ("h", "a")]),
    alert_open=st.sampled_from([None, True, False]),
)
queries_of_work = st.builds(
    CaseQuery,
    owned_by=st.sampled_from([None, *USERS]),
    unowned=st.booleans(),
    severity=st.sampled_from(["", "", "high", "low"]),
    product=st.sampled_from(["", "", "EDITOR"]),
    milestone=st.sampled_from([None, None, Milestone.READY]),
    with_issue=st.sampled_from([None, None, True, False]),
    waiting=st.sampled_from([None, None, True, False]),
    ids=st.none() | st.lists(numbers, max_size=3).map(tuple),
    below=st.none() | st.integers(1, 12).map(CaseId),
    above=st.none() | st.integers(0, 12).map(CaseId),
    due_before=st.none() | seconds,
)
profiles = st.builds(
    Profile,
    person=people,
    language=st.sampled_from(["", "pt_BR"]),
    digest=st.booleans(),
    digest_at=st.none() | seconds,
)
dialogues = st.builds(
    lambda person, thread, until: build_dialogue(person.username, thread_id=thread, until=until),
    people,
    st.sampled_from([None, *THREADS]),
    seconds,
)
owed = st.builds(
    lambda number, to, case_id, skipped: build_owed(
        f"k{number}", to=to, case_id=case_id, skipped=skipped
    ),
    st.integers(1, 6),
    st.sampled_from(["", "carl"]),
    st.none() | numbers,
    st.sampled_from(["", "", "", "muted"]),
)
endings = st.sampled_from([DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED])
operations = st.one_of(
    st.tuples(st.just("put_case"), cases),
    st.tuples(st.just("add_timeline"), numbers, st.text("ab", max_size=3)),
    st.tuples(st.just("take_message"), messages, seconds),
    st.tuples(st.just("forget_messages"), seconds),
    st.tuples(st.just("owe"), owed, seconds),
    st.tuples(st.just("claim"), seconds, st.integers(1, 3)),
    st.tuples(st.just("attempt"), st.integers(0, 5), seconds, st.booleans()),
    st.tuples(st.just("finish"), st.integers(0, 5), endings),
    st.tuples(st.just("release"), st.integers(0, 5)),
    st.tuples(st.just("save_issue"), issue_numbers, st.sampled_from(["", "Ready"])),
    st.tuples(st.just("drop_issue"), issue_numbers),
    st.tuples(st.just("set_mark"), st.sampled_from("ab"), st.sampled_from("xy")),
    st.tuples(st.just("advance_mark"), st.sampled_from("ab"), seconds),
    st.tuples(st.just("list_cases"), queries | queries_of_work),
    st.tuples(st.just("save_profile"), profiles),
    st.tuples(st.just("list_digests"), seconds),
    st.tuples(st.just("save_dialogue"), dialogues),
    st.tuples(st.just("drop_dialogue"), dialogues),
    st.tuples(st.just("forget_dialogues"), seconds),
)


class Step:
    """One transaction, carried out on a store and on a model side by side."""

    def __init__(self, tx: Transaction, model: Model, seen: list[Delivery]) -> None:
        self.tx = tx
        self.model = model
        self.seen = seen
        """What was ever claimed, also what has been finished since."""

    async def put_case(self, case: Case) -> None:
        if case.id in self.model.cases:
            await self.tx.save_case(case)
        else:
            await self.tx.add_case(case)
        self.model.cases[case.id] = case

    async def add_timeline(self, number: CaseId, text: str) -> None:
        entry = build_entry(number, text=text)
        await self.tx.add_timeline(entry)
        self.model.timelines.setdefault(number, []).append(entry)

    async def take_message(self, message_id: MessageId, at: datetime) -> None:
        taken = message_id not in self.model.inbox
        self.model.take_message(message_id, at)
        assert await self.tx.take_message(message_id, at=at) == taken

    async def forget_messages(self, before: datetime) -> None:
        expected = self.model.forget_messages(before)
        assert await self.tx.forget_messages(before=before) == expected

    async def owe(self, what: Owed, at: datetime) -> None:
        assert await self.tx.owe(what, at=at) == self.model.owe(what, at)

    async def claim(self, now: datetime, limit: int) -> None:
        claimed = await self.tx.claim_due(by=ME, now=now, limit=limit)
        assert without_ids(claimed) == without_ids(self.model.claim_due(now, limit))
        for delivery in claimed:
            self.model.learn_id(delivery)
        self.seen.extend(claimed)

    async def attempt(self, which: int, not_before: datetime, keep_claim: bool) -> None:  # noqa: FBT001
        if (delivery := self._pick(which)) is None:
            return
        tried = replace(delivery, attempts=delivery.attempts + 1, not_before=not_before)
        if not keep_claim:
            await self.tx.record_attempt(tried)
        elif self.model.is_pending(delivery):
            await self.tx.save_claimed(tried)
        else:
            with pytest.raises(KeyError):
                await self.tx.save_claimed(tried)
        self.model.save(tried, keep_claim=keep_claim)

    async def finish(self, which: int, state: DeliveryState) -> None:
        if (delivery := self._pick(which)) is None:
            return
        finished = replace(delivery, state=state, finished_at=NOW)
        assert await self.tx.finish(finished) == self.model.is_pending(delivery)
        self.model.save(finished)

    async def release(self, which: int) -> None:
        if (delivery := self._pick(which)) is None:
            return
        await self.tx.release(delivery.id)
        if self.model.is_pending(delivery):
            self.model.claims.pop(delivery.owed.key, None)

    async def save_issue(self, number: int, status: str) -> None:
        issue = build_issue(number, status=status)
        await self.tx.save_issue(issue)
        self.model.issues[issue.id] = issue

    async def drop_issue(self, number: int) -> None:
        await self.tx.drop_issue(IssueId(str(number)))
        self.model.issues.pop(str(number), None)

    async def set_mark(self, name: str, value: str) -> None:
        await self.tx.set_mark(name, value)
        self.model.marks[name] = value

    async def advance_mark(self, name: str, at: datetime) -> None:
        expected = max(at, self.model.times.get(name, at))
        assert await self.tx.advance_mark(name, at) == expected
        self.model.times[name] = expected

    async def list_cases(self, query: CaseQuery) -> None:
        expected = self.model.list_cases(query)
        page, total = await self.tx.list_cases(query, limit=2, offset=1)
        assert (list(page), total) == (expected[1:3], len(expected))
        titles = await self.tx.list_titles(query, limit=2)
        assert list(titles) == self.model.list_titles(query)[:2]

    async def save_profile(self, profile: Profile) -> None:
        await self.tx.save_profile(profile)
        self.model.profiles[profile.person.id] = profile

    async def list_digests(self, before: datetime) -> None:
        assert await self.tx.list_digests(before=before) == self.model.list_digests(before)

    async def save_dialogue(self, dialogue: Dialogue) -> None:
        await self.tx.save_dialogue(dialogue)
        self.model.dialogues[dialogue.key] = dialogue

    async def drop_dialogue(self, dialogue: Dialogue) -> None:
        await self.tx.drop_dialogue(dialogue.key)
        self.model.dialogues.pop(dialogue.key, None)

    async def forget_dialogues(self, before: datetime) -> None:
        expected = self.model.forget_dialogues(before)
        assert await self.tx.forget_dialogues(before=before) == expected

    def _pick(self, which: int) -> Delivery | None:
        return self.seen[which % len(self.seen)] if self.seen else None


class StoreMachine(RuleBasedStateMachine):
    """Compares a store with a model, transaction by transaction."""

    backend: Backend

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory()
        self._place = Place(self.backend, Path(self._folder.name))
        self._store: Store = self._runner.run(self._place.open())
        self._model = Model()
        self._seen: list[Delivery] = []

    @rule(
        batch=st.lists(operations, min_size=1, max_size=6),
        fails=st.integers(0, 3).map(lambda n: n == 0),
        durable=st.booleans(),
    )
    def transact(self, batch: list[Any], *, fails: bool, durable: bool) -> None:
        self._runner.run(self._transact(batch, fails=fails, durable=durable))

    @rule()
    def reopen(self) -> None:
        self._store = self._runner.run(self._place.reopen())
        if self._place.outlives_closing:
            self._model.claims.clear()

    @invariant()
    def agrees(self) -> None:
        self._runner.run(self._compare())

    def teardown(self) -> None:
        self._runner.run(self._place.close())
        self._runner.close()
        self._folder.cleanup()

    async def _transact(self, batch: list[Any], *, fails: bool, durable: bool) -> None:
        model, seen = self._model.copy(), list(self._seen)
        try:
            async with self._store.transaction(durable=durable) as tx:
                step = Step(tx, model, seen)
                for name, *arguments in batch:
                    await getattr(step, name)(*arguments)
                if fails:
                    raise LookupError  # noqa: TRY301 - failing here is the point
        except LookupError:
            return
        self._model, self._seen = model, seen

    async def _compare(self) -> None:
        model = self._model
        async with self._store.transaction() as tx:
            for number in map(CaseId, range(1, 4)):
                assert await tx.find_case(number) == model.cases.get(number)
                assert list(await tx.list_timeline(number)) == model.timelines.get(number, [])
                ledger = await tx.list_deliveries(number)
                assert without_ids(ledger) == without_ids(model.ledger(number))
                assert [d.id for d in ledger] == sorted({d.id for d in ledger})
            for thread in THREADS:
                assert await tx.find_case_by_thread(thread) == model.find_case_by_thread(thread)
            for issue_id in ISSUES:
                assert await tx.find_issue(issue_id) == model.issues.get(issue_id)
                by_issue = model.list_cases_by_issue(issue_id)
                assert list(await tx.list_cases_by_issue(issue_id)) == by_issue
                assert list(await tx.list_cases_by_issue_key(f"sup-{issue_id}")) == by_issue
            assert {issue.id: issue for issue in await tx.list_issues()} == model.issues
            for message in range(1, 6):
                known = await tx.has_message(MessageId(f"m{message}"))
                assert known == (f"m{message}" in model.inbox)
            for name in "ab":
                assert await tx.get_mark(name) == model.marks.get(name)
                assert await tx.get_time(name) == model.times.get(name)
            await self._compare_people(tx)
            await self._compare_pending(tx)

    async def _compare_people(self, tx: Transaction) -> None:
        for user in USERS:
            assert await tx.find_profile(user) == self._model.profiles.get(user)
        for key, dialogue in self._model.dialogues.items():
            assert await tx.find_dialogue(DialogueKey(key)) == dialogue

    async def _compare_pending(self, tx: Transaction) -> None:
        pending = self._model.pending()
        assert await tx.count_pending() == len(pending)
        oldest = min((delivery.owed_at for delivery in pending), default=None)
        assert await tx.find_oldest_pending() == oldest
        for now in (NOW, after(LEASE.total_seconds())):
            times = [max(now, head.not_before or now) for head in self._model.free_heads(now)]
            assert await tx.find_next_due(now=now) == min(times, default=None)


@pytest.mark.parametrize("name", BACKENDS)
def test_a_store_answers_as_plain_dictionaries_would(name: str) -> None:
    machine = type("Machine", (StoreMachine,), {"backend": BACKENDS[name]})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=BACKENDS[name].examples,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
