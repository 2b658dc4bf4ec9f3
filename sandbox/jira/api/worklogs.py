"""The work log of an issue: how long whoever worked on it."""

import re
from dataclasses import replace
from datetime import datetime

from aiohttp import web

from sandbox.jira import issues as journal
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post, put
from sandbox.jira.errors import ApiError
from sandbox.jira.issue_input import read_text
from sandbox.jira.model import ChangeItem, Issue, RichText, Work
from sandbox.jira.presenter import Json
from sandbox.jira.times import to_millisecond

_MOST = 5000
# A day of work has eight hours, a week five days.
_SECONDS = {"w": 144_000, "d": 28_800, "h": 3600, "m": 60}
_SPENT = re.compile(r"(\d{1,6})\s*([wdhm])", re.ASCII)
_LONGEST = 10**9


def list_work(call: Call) -> web.Response:
    """List the entries of an issue, oldest first."""
    issue = call.issue()
    start, size = call.page(default=_MOST, most=_MOST)
    return answer(
        {
            "startAt": start,
            "maxResults": size,
            "total": len(issue.work),
            "worklogs": [_shown(call, issue, one) for one in issue.work[start : start + size]],
        }
    )


def _shown(call: Call, issue: Issue, work: Work) -> Json:
    present = call.presenter
    result: Json = {
        "self": f"{present.api}/issue/{issue.id}/worklog/{work.id}",
        "author": present.user(work.author),
        "updateAuthor": present.user(work.update_author),
        "created": present.instant(work.created),
        "updated": present.instant(work.updated),
        "started": present.instant(work.started),
        "timeSpent": _written(work.seconds),
        "timeSpentSeconds": work.seconds,
        "id": work.id,
        "issueId": str(issue.id),
    }
    if work.body is not None:
        result["comment"] = present.rich(work.body)
    return result


def _written(seconds: int) -> str:
    parts: list[str] = []
    for unit, size in _SECONDS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0m"


def _find(call: Call, issue: Issue) -> Work:
    for work in issue.work:
        if work.id == call.path["work"]:
            return work
    raise ApiError(404, f"Cannot find worklog with id: '{call.path['work']}'.")


def get_work(call: Call) -> web.Response:
    """Return one entry."""
    issue = call.issue()
    return answer(_shown(call, issue, _find(call, issue)))


def add_work(call: Call) -> web.Response:
    """Add an entry."""
    issue = call.issue()
    body = call.json_object()
    call.require(
        "WORK_ON_ISSUES",
        issue.project,
        "You do not have the permission to associate a worklog to this issue.",
        status=400,
    )
    now = call.site.now()
    work = Work(
        id=str(call.site.next_id("work")),
        author=call.caller,
        update_author=call.caller,
        body=_comment(call, body, None),
        started=_started(body, now),
        created=now,
        updated=now,
        seconds=_spent(body, None),
    )
    _keep(call, issue, (*issue.work, work))
    return answer(_shown(call, issue, work), 201)


def update_work(call: Call) -> web.Response:
    """Change an entry; what is left out stays."""
    issue = call.issue()
    old = _find(call, issue)
    body = call.json_object()
    new = replace(
        old,
        update_author=call.caller,
        body=_comment(call, body, old.body),
        started=_started(body, old.started),
        updated=call.site.now(),
        seconds=_spent(body, old.seconds),
    )
    _keep(call, issue, tuple(new if one is old else one for one in issue.work))
    return answer(_shown(call, issue, new))


def delete_work(call: Call) -> web.Response:
    """Delete an entry."""
    issue = call.issue()
    old = _find(call, issue)
    _keep(call, issue, tuple(one for one in issue.work if one is not old))
    return no_content()


def _keep(call: Call, issue: Issue, work: tuple[Work, ...]) -> None:
    before, after = (sum(one.seconds for one in entries) for entries in (issue.work, work))
    issue.work = work
    item = ChangeItem(
        field="timespent",
        field_id="timespent",
        from_id=str(before) if before else None,
        from_text=str(before) if before else None,
        to_id=str(after),
        to_text=str(after),
    )
    journal.save(call.site, issue, {}, by=call.caller, extra=[item])


def _comment(call: Call, body: Json, old: RichText | None) -> RichText | None:
    return read_text(call, body["comment"], "comment") if "comment" in body else old


def _started(body: Json, old: datetime) -> datetime:
    if body.get("started") is None:
        return old
    try:
        moment = datetime.strptime(str(body["started"]), "%Y-%m-%dT%H:%M:%S.%f%z")
        return to_millisecond(moment)
    except (ValueError, OverflowError):
        raise ApiError(
            400, errors={"started": "Date must be in the format yyyy-MM-dd'T'HH:mm:ss.SSSZ."}
        ) from None


def _spent(body: Json, old: int | None) -> int:
    seconds, written = body.get("timeSpentSeconds"), body.get("timeSpent")
    if seconds is None and written is None and old is not None:
        return old
    if seconds is None and isinstance(written, str) and written.strip():
        parts = _SPENT.findall(written)
        rest = _SPENT.sub("", written).strip()
        seconds = sum(int(count) * _SECONDS[unit] for count, unit in parts)
        if rest or not parts:
            raise ApiError(400, errors={"timeLogged": "Invalid time duration entered."})
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise ApiError(400, errors={"timeLogged": "You must indicate the time spent working."})
    if not _SECONDS["m"] <= seconds <= _LONGEST:
        raise ApiError(400, errors={"timeLogged": "Invalid time duration entered."})
    return seconds


ENDPOINTS = (
    get("/issue/{issue}/worklog", list_work),
    post("/issue/{issue}/worklog", add_work),
    get("/issue/{issue}/worklog/{work}", get_work),
    put("/issue/{issue}/worklog/{work}", update_work),
    delete("/issue/{issue}/worklog/{work}", delete_work),
)
