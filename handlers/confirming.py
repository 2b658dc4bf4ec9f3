"""Commands that are shown first and carried out on `yes`."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from markupsafe import Markup

from bot.cases.access import needed_for
from bot.cases.case import Case
from bot.cases.dialogue import Confirm, Dialogue
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.dialogues import begin, go_on, is_no, is_yes
from handlers.parsing import CaseReference
from handlers.requests import find_named

_READING = frozenset({
    "show", "status", "list", "search", "timeline", "help", "work", "mine", "proof",
    "why",
})  # fmt: skip
"""Commands after which a `yes` still means what was asked before."""

LASTS = timedelta(minutes=30)
"""Long enough for a telephone call; what is older nobody remembers having typed."""


async def ask(context: Context, handler: Handler, request: Request, shown: str) -> str:
    """Wait for a `yes` to what is shown."""
    step = Confirm(
        verb=handler.verb,
        case_id=request.found.id if request.found else None,
        others=tuple(case.id for case in request.others),
        text=request.text,
        flags=dict(request.flags),
        prefix=context.prefix,
        message_id=context.message.id,
        shown=_fingerprint(shown),
    )
    await begin(context, step, lasts=LASTS)
    return context.write("confirm", shown=_ours(shown))


async def answered(
    context: Context, dialogue: Dialogue, step: Confirm, words: str, handlers: Mapping[str, Handler]
) -> tuple[str, bool]:
    """Carry out what was shown, or leave it.

    Permission, case and everything that was shown are looked at again.

    Returns:
        The answer, and whether the command was carried out.

    Raises:
        Refusal: it cannot be done any more.
    """
    if is_no(words):
        await context.tx.drop_dialogue(dialogue.key)
        return context.write("confirm_left", command=_typed(step, handlers)), False
    if not is_yes(words):
        return still_waits(context, step, handlers), False
    handler = handlers[step.verb]
    asked_as = replace(context, prefix=step.prefix)
    request = await _request(asked_as, step)
    shown = await handler.preview(asked_as, request) if handler.preview else None
    if shown is not None and step.shown != _fingerprint(shown):
        await go_on(context, dialogue, replace(step, shown=_fingerprint(shown)), lasts=LASTS)
        return context.write("confirm_changed", shown=_ours(shown)), False
    await context.tx.drop_dialogue(dialogue.key)
    return await handler.run(context, request), True


async def passed_by(
    context: Context,
    dialogue: Dialogue,
    verb: str,
    case: Case | None,
    handlers: Mapping[str, Handler],
) -> str:
    """See to what waits for a `yes` when another command is typed; returns a line on it.

    What only reads leaves it waiting, and so does nothing else.
    """
    step = dialogue.step
    if not isinstance(step, Confirm):
        return ""
    if verb in _READING:
        return still_waits(context, step, handlers)
    left = await abandon(context, dialogue, handlers)
    put_differently = step.verb == verb and (case is None or step.case_id in {None, case.id})
    return "" if put_differently else left


async def passed_by_refused(
    context: Context,
    dialogue: Dialogue,
    refusal: Refusal,
    verb: str,
    handlers: Mapping[str, Handler],
) -> str:
    """See to what waits for a `yes` when something was refused; returns a line on it.

    It goes on waiting, unless a `yes` would seem to mean what was refused.
    """
    step = dialogue.step
    if not isinstance(step, Confirm):
        return ""
    if not verb or verb == step.verb or refusal.values.get("nearest"):
        return await abandon(context, dialogue, handlers)
    return still_waits(context, step, handlers)


def still_waits(context: Context, step: Confirm, handlers: Mapping[str, Handler]) -> str:
    """Return a line on what still waits for a `yes`."""
    return context.write("confirm_which", command=_typed(step, handlers))


async def abandon(context: Context, dialogue: Dialogue, handlers: Mapping[str, Handler]) -> str:
    """Forget what waited for a `yes`, because another command was typed; returns a line on it."""
    await context.tx.drop_dialogue(dialogue.key)
    step = dialogue.step
    if not isinstance(step, Confirm):
        return ""
    return context.write("confirm_left", command=_typed(step, handlers))


async def _request(context: Context, step: Confirm) -> Request:
    if not context.actor.may(step.verb):
        raise Refusal("not_allowed", command=step.verb, needed=needed_for(step.verb))
    found = [
        await find_named(context, CaseReference(case_id=case_id))
        for case_id in (step.case_id, *step.others)
    ]
    first, *others = found
    return Request(
        text=step.text,
        flags=step.flags,
        found=first,
        others=tuple(case for case in others if case is not None),
    )


def _typed(step: Confirm, handlers: Mapping[str, Handler]) -> str:
    handler = handlers[step.verb]
    typed = handler.verb if handler.top else f"case {handler.verb}"
    ids = [str(case_id) for case_id in (step.case_id, *step.others) if case_id is not None]
    return f"{typed} {','.join(ids)}".strip()


def _fingerprint(shown: str) -> str:
    return hashlib.sha256(shown.encode()).hexdigest()


def _ours(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - written by us
