"""Finds out what a message is, and makes it happen once.

message ─► what may it be? ─► who, and whom do they name ─► one transaction:
taken in before? ─► what is waited for there?
    ├─ a command ────────────────────► may they? ─► which case? ─► handler ─► answer owed
    ├─ an answer to an open dialogue ► who asked ─────────────────────────────► answer owed
    ├─ files and no command ─────────► their case ────────────────────────────► answer owed
    └─ a customer's plain words ─────► the team ──────────────────────────────► answer owed
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from markupsafe import Markup

from bot.cases.access import Actor, needed_for
from bot.cases.case import Case, CaseState, MessageId, Person
from bot.cases.dialogue import Confirm, Dialogue, Intake
from bot.cases.effects import Say
from bot.cases.query import CaseQuery
from bot.cases.refusals import Refusal
from bot.clock import Clock
from bot.desk import Desk, Rules, Texts
from handlers import confirming, standing_in
from handlers.context import ChatMessage, Context, Conversations, Handler
from handlers.dialogues import find_open, is_no, is_yes
from handlers.files import keep_sent
from handlers.parsing import Command, Vocabulary, usage_for_case
from handlers.requests import case_of_thread, confirmed_people, named_people, resolve
from handlers.turns import Reading, Turn, decide, read
from storage.base import Store, Transaction

log = structlog.get_logger(__name__)

_MOST_QUESTIONS = 20

_KNOWN = "known"


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
        conversations: who takes what is no command.
    """

    def __init__(
        self,
        *,
        handlers: Sequence[Handler],
        conversations: Conversations,
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
        self._conversations = conversations
        self._store = store
        self._directory = directory
        self._rules = rules
        self._texts = texts
        self._clock = clock
        self._me = me

    async def handle(self, message: ChatMessage) -> bool:
        """Do what a message asks for, once; nothing happens if it is not for us.

        Returns:
            Whether it was for us, and new.

        Raises:
            Fault: who sent it could not be found out; nothing happened, asking again is safe.
            StoreUnavailable: the same.
        """
        reading = await self._read(message)
        for_us = message.direct or reading.command is not None or reading.misread is not None
        # A file in the thread of a case needs no words to us.
        for_us = for_us or await self._has_file_for_case(message)
        waiting = None
        if not for_us or is_yes(reading.words):
            waiting = await self._waiting(message)
        if waiting is None and not for_us:
            return False
        actor = await self._directory.actor(message.sender)
        if actor is None:
            return False
        if message.encrypted:
            await self._refuse(message, actor, Refusal("encrypted"), command=None)
            return True
        people = await self._people(reading, waiting)
        try:
            outcome = await self._take_turn(message, actor, reading, people)
        except Refusal as refusal:
            await self._refuse(message, actor, refusal, command=reading.command)
            outcome = refusal.kind
        if outcome:
            log.info("message_handled", outcome=outcome, message_id=message.id)
        return outcome not in {"", _KNOWN}

    async def apologise(self, message: ChatMessage) -> None:
        """Answer a message that made us stumble, so that it neither waits for ever nor vanishes."""
        actor = Actor(person=message.sender, roles=frozenset())
        await self._refuse(message, actor, Refusal("internal_error", id=message.id), command=None)

    async def _read(self, message: ChatMessage) -> Reading:
        """Return what a message may be; in the thread of a case, `!take` is `!case take`."""

        def reading(*, at_case: bool) -> Reading:
            return read(
                message.text,
                me=self._me,
                direct=message.direct,
                vocabulary=self._vocabulary,
                at_case=at_case,
            )

        anywhere = reading(at_case=False)
        for_us = anywhere.command is not None or anywhere.misread is not None
        if for_us or not anywhere.explicit or not await self._is_at_case(message):
            return anywhere
        return reading(at_case=True)

    async def _waiting(self, message: ChatMessage) -> Dialogue | None:
        """Look whether anything is waited for; looked at again where it is acted on."""
        async with self._store.transaction(durable=False) as tx:
            return await find_open(tx, message, now=self._clock.now())

    async def _has_file_for_case(self, message: ChatMessage) -> bool:
        return bool(message.files) and await self._is_at_case(message)

    async def _is_at_case(self, message: ChatMessage) -> bool:
        if message.thread_id is None:
            return False
        async with self._store.transaction(durable=False) as tx:
            return await tx.find_case_by_thread(message.thread_id) is not None

    async def _people(
        self, reading: Reading, waiting: Dialogue | None
    ) -> Mapping[str, Actor | None]:
        """Look up whoever may be named, since nobody can be asked within a transaction."""
        names: list[str] = []
        command = reading.command
        if command is not None and self._handlers[command.verb].names_person:
            names += named_people(command.rest, self._handlers[command.verb])
        step = waiting.step if waiting else None
        if isinstance(step, Confirm) and self._handlers[step.verb].names_person:
            names += confirmed_people(step.text, step.flags, self._handlers[step.verb])
        return {name.casefold(): await self._find_actor(name) for name in names}

    async def _find_actor(self, name: str) -> Actor | None:
        found = await self._directory.find_person(name)
        return await self._directory.actor(found) if found else None

    async def _take_turn(
        self,
        message: ChatMessage,
        actor: Actor,
        reading: Reading,
        people: Mapping[str, Actor | None],
    ) -> str:
        """Do what a message asks for; returns what for the log, empty if it was not for us.

        Raises:
            Refusal: it cannot be done, and nothing of it was kept.
        """
        async with self._store.transaction() as tx:
            if not await _take(tx, message):
                return _KNOWN
            if await _is_edited_late(tx, message):
                if reading.command is not None or not message.direct:
                    return _KNOWN
                return await self._say_edited_late(tx, message, actor)
            prefix = reading.command.prefix if reading.command else _prefix(message)
            context = await self._context(tx, message, actor, prefix, people)
            dialogue = await find_open(tx, message, now=context.now)
            question_at = await _find_question(context)
            files = bool(message.files) and await _may_take_files(context)

            def turn_with(dialogue: Dialogue | None) -> Turn:
                return decide(
                    reading,
                    actor=actor,
                    direct=message.direct,
                    dialogue=dialogue,
                    asked=question_at is not None,
                    files=files,
                )

            turn = turn_with(None if _is_overtaken(dialogue, question_at) else dialogue)
            if turn is Turn.ANSWER and dialogue is not None:
                outcome = await self._reply(context, dialogue, reading.words)
                if outcome is not None:
                    return outcome
                turn = turn_with(None)
            return await self._act(context, reading, turn, dialogue)

    async def _say_edited_late(self, tx: Transaction, message: ChatMessage, actor: Actor) -> str:
        """Tell whoever corrects words that were passed on that nobody has the correction.

        A command that is edited has been answered, and its answer still holds.
        """
        context = await self._context(tx, message, actor, _prefix(message), {})
        await context.owe(
            Say(to=context.here, text=context.write("edited_late")), key=context.reply_key
        )
        return "edited too late"

    async def _act(
        self, context: Context, reading: Reading, turn: Turn, dialogue: Dialogue | None
    ) -> str:
        if turn is Turn.MISREAD:
            raise _misread(reading)
        if turn is Turn.NOTHING:
            return ""
        if turn is Turn.FILES:
            return await self._files(context, reading.words)
        if turn is Turn.COMMAND and reading.command is not None:
            return await self._command(context, reading.command, dialogue)
        return await self._words(context)

    async def _command(self, context: Context, command: Command, dialogue: Dialogue | None) -> str:
        handler = self._handlers[command.verb]
        if not standing_in.may(context, context.actor, command.verb):
            raise Refusal("not_allowed", command=command.verb, needed=needed_for(command.verb))
        request = await resolve(context, handler, command.rest)
        left = ""
        if dialogue is not None:
            left = await confirming.passed_by(
                context, dialogue, command.verb, request.found, self._handlers
            )
        shown = await handler.preview(context, request) if handler.preview else None
        if shown is not None:
            # Not carried out yet, so an edit of the message shows what it says then.
            answer, done = await confirming.ask(context, handler, request, shown), False
        else:
            answer, done = await handler.run(context, request), True
        kept = await _keep_files(context, handler, request.found)
        await self._finish(context, answer, kept, left, done=(context.message.id,) if done else ())
        return command.verb

    async def _reply(self, context: Context, dialogue: Dialogue, words: str) -> str | None:
        """Return what was answered, for the log; None if it was no answer."""
        step = dialogue.step
        if not isinstance(step, Confirm):
            answer = await self._conversations.replies[step.kind](context, dialogue, words)
            if answer is None:
                return None
            await self._finish(context, answer, done=(context.message.id,))
            return step.kind
        answer, done = await confirming.answered(context, dialogue, step, words, self._handlers)
        ids = [context.message.id]
        if done and step.message_id is not None:
            ids.append(step.message_id)
        await self._finish(context, answer, done=ids)
        return f"{step.verb} confirmed" if done else step.kind

    async def _words(self, context: Context) -> str:
        answer = await self._conversations.words(context, context.message.text.strip())
        await self._finish(context, answer, done=(context.message.id,))
        return "words"

    async def _files(self, context: Context, words: str) -> str:
        answer = await self._conversations.files(context, words)
        await self._finish(context, answer, done=(context.message.id,))
        return "files"

    async def _finish(self, context: Context, *answers: str, done: Sequence[MessageId]) -> None:
        """Owe the answer; what is done is not done again when its message is edited."""
        message = context.message
        for message_id in done:
            await context.tx.take_message(_carried_out(message_id), at=message.sent_at)
        await self._answer(context, "\n".join(part for part in answers if part))

    async def _refuse(
        self, message: ChatMessage, actor: Actor, refusal: Refusal, *, command: Command | None
    ) -> None:
        prefix = command.prefix if command else _prefix(message)
        usage = self._handlers[command.verb].usage_for(actor) if command else ""
        usage = usage_for_case(usage, command.rest) if command else ""
        # A second transaction, because nothing the handler changed before it refused may stay.
        async with self._store.transaction() as tx:
            if not await _take(tx, message) or await _is_edited_late(tx, message):
                return
            context = await self._context(tx, message, actor, prefix, {})
            values = {"prefix": prefix, "usage": usage, **refusal.values}
            answer = context.write(f"refusals/{refusal.kind}", **values)
            dialogue = await find_open(tx, message, now=context.now)
            if dialogue is not None:
                verb = command.verb if command else ""
                left = await confirming.passed_by_refused(
                    context, dialogue, refusal, verb, self._handlers
                )
                answer = f"{answer}\n{left}" if left else answer
            await self._answer(context, answer)

    async def _context(
        self,
        tx: Transaction,
        message: ChatMessage,
        actor: Actor,
        prefix: str,
        people: Mapping[str, Actor | None],
    ) -> Context:
        desk = Desk(tx=tx, now=self._clock.now(), rules=self._rules, texts=self._texts)
        return Context(
            tx=tx,
            now=desk.now,
            rules=self._rules,
            texts=self._texts,
            actor=actor,
            message=message,
            prefix=prefix,
            language=await desk.language_of(actor.person),
            people=people,
        )

    async def _answer(self, context: Context, text: str) -> None:
        if not text:
            return
        if context.message.edited:
            text = context.write("edited", answer=Markup(text))  # noqa: S704 - written by us
        for number, part in enumerate(self._texts.split(text)):
            key = f"{context.reply_key}/{number}" if number else context.reply_key
            await context.owe(Say(to=context.here, text=part), key=key)


async def _take(tx: Transaction, message: ChatMessage) -> bool:
    """Record a message with its text as taken in; False if it was."""
    # First of all: another bot that is carrying out the first text has to be waited for.
    if message.edited:
        await tx.take_message(message.id, at=message.sent_at)
    return await tx.take_message(MessageId(message.key), at=message.sent_at)


async def _is_edited_late(tx: Transaction, message: ChatMessage) -> bool:
    """Tell whether a message was edited after it was carried out.

    Whoever mends a refused command by editing it is understood; whoever edits one that was
    carried out is not, because it would be carried out twice.
    """
    # What was never edited is new, or known under its own id.
    return message.edited and await tx.has_message(_carried_out(message.id))


def _carried_out(message_id: MessageId) -> MessageId:
    return MessageId(f"{message_id}/done")


def _prefix(message: ChatMessage) -> str:
    return "" if message.direct else "!"


def _misread(reading: Reading) -> Refusal:
    if not reading.explicit and (is_yes(reading.words) or is_no(reading.words)):
        return Refusal("nothing_asked")
    return reading.misread or Refusal("file_not_kept")


async def _may_take_files(context: Context) -> bool:
    """Tell whether files without a command are for us: nobody asked us for those of a channel."""
    return context.message.direct or await case_of_thread(context) is not None


async def _keep_files(context: Context, handler: Handler, case: Case | None) -> str:
    """Keep the files in whose caption a command was typed with its case; returns what to say."""
    if handler.takes_files or not context.message.files:
        return ""
    changed = await context.tx.find_case(case.id) if case is not None else None
    if changed is None:
        return context.write("refusals/file_not_kept")
    return await keep_sent(context, changed)


async def _find_question(context: Context) -> datetime | None:
    """Return when somebody was asked last, as a customer, what they have not answered, or None."""
    if not context.message.direct:
        return None
    query = CaseQuery(customer=context.actor.person.id, state=CaseState.OPEN, waiting=True)
    cases, _ = await context.tx.list_cases(query, limit=_MOST_QUESTIONS)
    return max((case.question.at for case in cases if case.question), default=None)


def _is_overtaken(dialogue: Dialogue | None, question_at: datetime | None) -> bool:
    """Tell whether the team asked after the intake did: the next words answer the team."""
    if dialogue is None or question_at is None or not isinstance(dialogue.step, Intake):
        return False
    return question_at > (dialogue.asked_at or dialogue.begun_at)
