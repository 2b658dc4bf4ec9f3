"""Files that came with a message: kept with their case, and owed to its issue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.cases.case import Case, CaseFile, IssueState, TimelineKind
from bot.cases.effects import AttachFile
from bot.cases.files import Declined, Objection, cleaned_name, objection_to
from bot.desk import Desk
from handlers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The files of a message, those that may be taken and those that are not."""

    taken: tuple[CaseFile, ...] = ()
    declined: tuple[Declined, ...] = ()

    @property
    def any(self) -> bool:
        """Return whether there are any at all."""
        return bool(self.taken or self.declined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of files, and their case as it is kept."""

    case: Case
    files: tuple[CaseFile, ...]
    declined: tuple[Declined, ...]


def sort_out(context: Context) -> Sorted:
    """Return what the rules say of the files of the message."""
    rules = context.rules.policy.files
    taken: list[CaseFile] = []
    declined: list[Declined] = []
    for sent in context.message.files:
        name = cleaned_name(sent.name)
        if no := objection_to(name, sent.size, rules):
            declined.append(no)
            continue
        taken.append(
            CaseFile(
                id=sent.id,
                name=name,
                size=sent.size,
                media_type=sent.media_type,
                message_id=context.message.id,
                by=context.actor.person,
                at=context.now,
                internal=context.actor.is_staff,
            )
        )
    return Sorted(taken=tuple(taken), declined=tuple(declined))


async def keep(context: Context, case: Case, files: Sorted, *, caption: str = "") -> Kept:
    """Keep files with a case; one that it has already is not kept twice.

    Args:
        context: the message they came with, or by which their case was told.
        case: theirs.
        files: which.
        caption: what was written with them, where it is kept nowhere else.
    """
    most = context.rules.policy.files.most_per_case
    known = {file.id for file in case.files}
    new = [file for file in files.taken if file.id not in known]
    free = max(0, most - len(case.files))
    fit, over = tuple(new[:free]), new[free:]
    if fit:
        case = await context.save(replace(case, files=(*case.files, *fit)))
    for number, file in enumerate(fit):
        internal = file.by.id != case.customer.id
        text = f"{file.name}: {caption}" if caption and not number else file.name
        await context.note(case, TimelineKind.FILE, text, by=file.by, internal=internal)
    await owe_to_issue(context, case, fit, key=f"case/{case.id}")
    declined = [Declined(name=file.name, why=Objection.TOO_MANY, most=most) for file in over]
    return Kept(case=case, files=fit, declined=(*files.declined, *declined))


async def keep_sent(context: Context, case: Case, *, caption: str = "") -> str:
    """Keep what came with the message, and return the lines that say so; empty if nothing did."""
    if not context.message.files:
        return ""
    return lines(context, await keep(context, case, sort_out(context), caption=caption))


def lines(context: Context, kept: Kept) -> str:
    """Return what became of files, in lines to be put below an answer."""
    names = [file.name for file in kept.files]
    return context.write("files", case=kept.case, names=names, declined=list(kept.declined))


async def owe_to_issue(desk: Desk, case: Case, files: Sequence[CaseFile], *, key: str) -> None:
    """Owe files to the issue of their case, if it has one.

    Args:
        desk: what to work with.
        case: the case.
        files: of the case.
        key: of what caused it; each file is owed once because of it.
    """
    issue = case.issue
    if issue is None or issue.state is not IssueState.LINKED or issue.id is None:
        return
    for file in files:
        await desk.owe(
            AttachFile(case_id=case.id, file_id=file.id, issue_id=issue.id),
            key=f"{key}/file/{file.id}",
            case=case,
            about=f"file {file.name}",
        )
