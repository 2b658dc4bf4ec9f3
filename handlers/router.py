"""Finds the handler of a command, and makes it happen once.

message ─► understood? ─► who, and whom do they name ─► one transaction:
taken in before? ─► may they? ─► which case? ─► handler ─► answer owed
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import structlog
from markupsafe import Markup

from bot.cases.access import Actor, needed_for
from bot.cases.case import Case, CaseState, MessageId, Person
from bot.cases.effects import Say
from bot.cases.query import CaseQuery
from bot.cases.refusals import Refusal
from bot.clock import Clock
from bot.desk import Rules, Texts
from handlers.context import ChatMessage, Context, Handler, Request
from handlers.parsing import (
    CaseReference,
    Command,
    Vocabulary,
    parse,
    split_flags,
    split_reference,
    user_name,
)
from storage.base import Store, Transaction

log = structlog.get_logger(__name__)

_MENTION = re.compile(r"@([\w.-]+)")
_MOST_PEOPLE = 3


class Directory(Protocol):
    """Knows the people on the chat server."""

    async def actor(self, person: Person) -> Actor | None:
        """Return somebody with their roles, or None for another bot."""
        ...

    async def find_person(self, user_name: str) -> Person | None:
        """Return the person of that name, or None."""
        ...


class Router:
    """Carries out what people type.

    Args:
        me: the bot's user name.
        handlers: every command there is.
    """

    def __init__(
        self,
        *,
        handlers: Sequence[Handler],
        store: Store,
        directory: Directory,
        rules: Rules,
        texts: Texts,
        clock: Clock,
        me: str,
    ) -> None:
        self._handlers = {handler.verb: handler for handler in handlers}
        if len(self._handlers) != len(handlers):
            raise ValueError("two handlers have the same verb")
        self._vocabulary = Vocabulary(
            top=[handler.verb for handler in handlers if handler.top],
            under_case=[handler.verb for handler in handlers if not handler.top],
        )
        self._store = store
        self._directory = directory
        self._rules = rules
        self._texts = texts
        self._clock = clock
        self._me = me

    async def handle(self, message: ChatMessage) -> None:
        """Carry out the command in a message, once; nothing happens if it is none.

        Raises:
            Fault: who sent it could not be found out; nothing happened, asking again is safe.
            StoreUnavailable: the same.
        """
        try:
            command = self._understand(message)
        except Refusal as misread:
            actor = await self._directory.actor(message.sender)
            if actor is not None:
                await self._refuse(message, actor, misread, prefix="" if message.direct else "!")
            return
        if command is None:
            return
        actor = await self._directory.actor(message.sender)
        if actor is None:
            return
        people = await self._people(command)
        try:
            carried_out = await self._carry_out(message, actor, command, people)
            outcome = "done" if carried_out else "known"
        except Refusal as refusal:
            usage = self._handlers[command.verb].usage_for(actor)
            await self._refuse(message, actor, refusal, prefix=command.prefix, usage=usage)
            outcome = refusal.kind
        log.info("command_handled", verb=command.verb, outcome=outcome, message_id=message.id)

    def _understand(self, message: ChatMessage) -> Command | None:
        command = parse(
            message.text, me=self._me, direct=message.direct, vocabulary=self._vocabulary
        )
        if command is None and message.with_file and message.direct:
            raise Refusal("file_not_kept")
        return command

    async def apologise(self, message: ChatMessage) -> None:
        """Answer a message that made us stumble, so that it neither waits for ever nor vanishes."""
        actor = Actor(person=message.sender, roles=frozenset())
        await self._refuse(message, actor, Refusal("internal_error", id=message.id), prefix="")

    async def _people(self, command: Command) -> Mapping[str, Actor | None]:
        handler = self._handlers[command.verb]
        if not handler.names_person:
            return {}
        return {
            name.casefold(): await self._find_actor(name)
            for name in _named(command.rest, handler.flags)[:_MOST_PEOPLE]
        }

    async def _find_actor(self, name: str) -> Actor | None:
        found = await self._directory.find_person(name)
        return await self._directory.actor(found) if found else None

    async def _carry_out(
        self,
        message: ChatMessage,
        actor: Actor,
        command: Command,
        people: Mapping[str, Actor | None],
    ) -> bool:
        """Carry a command out; False if it was taken in before."""
        handler = self._handlers[command.verb]
        async with self._store.transaction() as tx:
            if not await _take(tx, message):
                return False
            context = self._context(tx, message, actor, command.prefix, people)
            if not actor.may(command.verb):
                raise Refusal("not_allowed", command=command.verb, needed=needed_for(command.verb))
            request = await _request(context, handler, command)
            answer = await handler.run(context, request)
            if message.with_file:
                answer += "\n" + context.write("refusals/file_not_kept")
            await tx.take_message(_carried_out(message), at=message.sent_at)
            await self._answer(context, answer)
        return True

    async def _refuse(
        self,
        message: ChatMessage,
        actor: Actor,
        refusal: Refusal,
        *,
        prefix: str,
        usage: str = "",
    ) -> None:
        # A second transaction, because nothing the handler changed before it refused may stay.
        async with self._store.transaction() as tx:
            if not await _take(tx, message):
                return
            context = self._context(tx, message, actor, prefix, {})
            values = {"prefix": prefix, "usage": usage, **refusal.values}
            await self._answer(context, context.write(f"refusals/{refusal.kind}", **values))

    def _context(
        self,
        tx: Transaction,
        message: ChatMessage,
        actor: Actor,
        prefix: str,
        people: Mapping[str, Actor | None],
    ) -> Context:
        return Context(
            tx=tx,
            now=self._clock.now(),
            rules=self._rules,
            texts=self._texts,
            actor=actor,
            message=message,
            prefix=prefix,
            people=people,
        )

    async def _answer(self, context: Context, text: str) -> None:
        if context.message.edited:
            text = context.write("edited", answer=Markup(text))  # noqa: S704 - written by us
        for number, part in enumerate(self._texts.split(text)):
            key = f"{context.reply_key}/{number}" if number else context.reply_key
            await context.owe(Say(to=context.here, text=part), key=key)


async def _take(tx: Transaction, message: ChatMessage) -> bool:
    """Record a message as taken in; False if it was, or if it was edited after it was carried out.

    Whoever mends a refused command by editing it is understood; whoever edits one that was
    carried out is not, because it would be carried out twice.
    """
    # First of all: another bot that is carrying out the first text has to be waited for.
    if message.edited:
        await tx.take_message(message.id, at=message.sent_at)
    new = await tx.take_message(MessageId(message.key), at=message.sent_at)
    return new and not await tx.has_message(_carried_out(message))


def _carried_out(message: ChatMessage) -> MessageId:
    return MessageId(f"{message.id}/done")


def _named(rest: str, flags: Collection[str]) -> list[str]:
    """Return the user names in the words behind a verb, each once, in order."""
    names = _MENTION.findall(rest)
    try:
        _, values = split_flags(rest, known=flags)
    except Refusal:  # the handler will say so
        values = {}
    if customer := values.get("customer"):
        names.insert(0, user_name(customer))
    return list(dict.fromkeys(names))


async def _request(context: Context, handler: Handler, command: Command) -> Request:
    text: str = command.rest
    flags: Mapping[str, str] = {}
    if handler.flags:
        text, flags = split_flags(text, known=handler.flags)
    if not handler.case:
        return Request(text=text, flags=flags)
    thread = context.message.thread_id
    implied = await context.tx.find_case_by_thread(thread) if thread else None
    if implied is not None and not context.actor.may_reach(implied):
        implied = None
    reference, text = split_reference(text, implied=implied.id if implied else None)
    case = await _find(context, reference)
    if case is None and not handler.case_optional:
        case = await _only_case(context)
    if case is None and not handler.case_optional:
        raise Refusal("which_case")
    return Request(text=text, flags=flags, found=case)


async def _only_case(context: Context) -> Case | None:
    """Return the case a customer must mean, because they have only one."""
    if context.actor.is_staff or not context.message.direct:
        return None
    query = CaseQuery(customer=context.actor.person.id, state=CaseState.OPEN)
    cases, total = await context.tx.list_cases(query, limit=1)
    return cases[0] if total == 1 else None


async def _find(context: Context, reference: CaseReference) -> Case | None:
    """Return the case somebody named, None if they named none.

    Raises:
        Refusal: it does not exist, or not for them: the same answer, so that nobody learns which.
    """
    if reference.issue_key:
        found = [
            case
            for case in await context.tx.list_cases_by_issue_key(reference.issue_key)
            if context.actor.may_reach(case)
        ]
        if not found:
            raise Refusal("unknown_case", name=reference.issue_key)
        if len(found) > 1:
            raise Refusal("several_cases", name=reference.issue_key, cases=found)
        return found[0]
    if reference.case_id is None:
        return None
    case = await context.tx.find_case(reference.case_id)
    if case is None or not context.actor.may_reach(case):
        raise Refusal("unknown_case", name=f"CASE-{reference.case_id}")
    return case
