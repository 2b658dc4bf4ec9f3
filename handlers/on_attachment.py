"""What came of copying a file of a case to its issue."""

from dataclasses import replace

from bot.cases.case import Case, CaseFile
from bot.cases.effects import AttachFile, Recipient, ToPerson
from bot.desk import Desk


async def on_attached(desk: Desk, effect: AttachFile, attachment_id: str) -> None:
    """Note that the file is at the issue."""
    case = await desk.tx.find_case(effect.case_id)
    if case is None:
        return
    files = tuple(
        replace(file, attachment_id=attachment_id) if file.id == effect.file_id else file
        for file in case.files
    )
    await desk.save(replace(case, files=files), quietly=True)


async def on_attachment_refused(desk: Desk, effect: AttachFile, detail: str, *, key: str) -> None:
    """Tell whoever sent the file; if that is the customer, the team is told why.

    Args:
        desk: what to work with.
        effect: what was owed.
        detail: why it cannot be done.
        key: what it was owed under.
    """
    case = await desk.tx.find_case(effect.case_id)
    file = next((one for one in case.files if one.id == effect.file_id), None) if case else None
    if case is None or file is None:
        return
    if file.internal:
        await _tell(desk, case, file, detail, ToPerson(person=file.by), key=f"{key}/refused")
        return
    if file.by.id == case.customer.id:
        about = f"file {file.name} not copied"
        await desk.tell_customer(
            "customer/file_not_copied", case, key=f"{key}/refused", about=about, file=file.name
        )
    owner = case.owners.at(case.level)
    team = ToPerson(person=owner) if owner else desk.room_of(case.level)
    await _tell(desk, case, file, detail, team, key=f"{key}/refused/team")


async def _tell(
    desk: Desk, case: Case, file: CaseFile, detail: str, to: Recipient, *, key: str
) -> None:
    await desk.say(
        "staff/file_not_copied",
        to,
        key=key,
        case=case,
        about=f"file {file.name} not copied",
        file=file,
        detail=detail,
    )
