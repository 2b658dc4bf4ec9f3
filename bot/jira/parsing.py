"""Jira's JSON → our records, trusting no field to be there or to be of its type."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from urllib.parse import quote, urlsplit

from bot.jira.documents import clean
from bot.jira.records import (
    Account,
    Attachment,
    CreatedIssue,
    Deployment,
    FixVersion,
    Issue,
    LinkedIssue,
    ProjectStatus,
    ServerInfo,
)

# Enough for a title or a name; more is somebody's attempt on our memory.
_LONGEST = 1000
_MOST_LABELS = 500
_DUPLICATE = "dupli"
_MILLISECONDS = 1e11
_KEY = re.compile(r"[^\W\d_]\w{0,255}-\d{1,19}")


class Unreadable(ValueError):
    """Jira sent something that cannot be understood; the message says what."""


def mapping(value: object) -> Mapping[str, object]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return a name or title fit for storing: cleaned, on one line, not endless; empty if none."""
    if not isinstance(value, str):
        return ""
    return clean(value[:_LONGEST]).replace("\n", " ").replace("\t", " ")


def number(value: object) -> int | None:
    """Return a whole number, also when it was written as text; None if it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:  # noqa: PLR2004 - what 64 bits hold
        return int(value)
    return None


def identifier(value: object) -> str:
    """Return an id as text, whether Jira wrote it as a number or as text; empty if none."""
    if isinstance(value, int):
        found = number(value)
        return "" if found is None or abs(found) >= 10**19 else str(found)
    return text(value).strip()


def token(value: object) -> str | None:
    """Return a page token, None at the end: Jira leaves it out, or writes null or nothing."""
    found = identifier(value) if isinstance(value, int) else value
    return found if isinstance(found, str) and found else None


def moment(value: object) -> datetime:
    """Return a point in time, aware, in UTC.

    Args:
        value: ISO 8601 with any offset, or seconds or milliseconds since 1970: the bulk
            changelog's schema says the first and its example the second.

    Raises:
        Unreadable: it is none of these.
    """
    with contextlib.suppress(ValueError, OverflowError, OSError):
        if isinstance(value, str):
            parsed = datetime.fromisoformat(value.strip()[:40])
            zoned = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
            return zoned.astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value > _MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC)
    shown = ascii(value[:40]) if isinstance(value, str) else type(value).__name__
    raise Unreadable(f"not a point in time: {shown}")


def server_info(value: object, *, url: str) -> ServerInfo:
    """Read `serverInfo`; anything that does not call itself Cloud is Data Center."""
    found = mapping(value)
    kind = text(found.get("deploymentType")).strip().casefold()
    deployment: Deployment = "cloud" if kind == "cloud" else "datacenter"
    return ServerInfo(
        deployment=deployment,
        version=text(found.get("version")),
        base_url=_http_address(found.get("baseUrl")) or url,
    )


def account(value: object) -> Account:
    """Read `myself`.

    Raises:
        Unreadable: it names nobody.
    """
    found = mapping(value)
    account_id = identifier(found.get("accountId"))
    name = account_id or text(found.get("name")) or text(found.get("key"))
    if not name:
        raise Unreadable("the account has neither an id nor a name")
    return Account(
        id=account_id or text(found.get("key")) or name,
        name=name,
        display_name=text(found.get("displayName")) or name,
        time_zone=text(found.get("timeZone")) or "UTC",
        email=text(found.get("emailAddress")) or None,
    )


def statuses(value: object) -> tuple[ProjectStatus, ...]:
    """Read `project/{key}/statuses` (grouped by issue type) or `status` (bare), each id once."""
    found: dict[str, ProjectStatus] = {}
    for entry in items(value):
        grouped = mapping(entry).get("statuses")
        of_type = {text(mapping(entry).get("name"))} if isinstance(grouped, list) else set()
        for one in items(grouped) if isinstance(grouped, list) else [entry]:
            status = mapping(one)
            status_id, name = identifier(status.get("id")), text(status.get("name"))
            if status_id and name:
                known = found[status_id].issue_types if status_id in found else frozenset()
                found[status_id] = ProjectStatus(
                    id=status_id,
                    name=name,
                    category=text(mapping(status.get("statusCategory")).get("key")),
                    issue_types=known | (of_type - {""}),
                )
    return tuple(found.values())


def issue_id(value: object) -> str:
    """Return the id of an issue object, empty if there is none."""
    return identifier(mapping(value).get("id"))


def issue(value: object, *, base_url: str) -> Issue:
    """Read an issue with the fields of `dialect.ISSUE_FIELDS`.

    Raises:
        Unreadable: a field that the process depends on is missing or makes no sense.
    """
    found, fields = mapping(value), mapping(mapping(value).get("fields"))
    found_id, key = identifier(found.get("id")), text(found.get("key"))
    status = mapping(fields.get("status"))
    status_id, status_name = identifier(status.get("id")), text(status.get("name"))
    if not found_id or not _KEY.fullmatch(key):
        raise Unreadable("an issue without id or key")
    if not status_id and not status_name:
        raise Unreadable("an issue without a status")
    return Issue(
        id=found_id,
        key=key,
        summary=text(fields.get("summary")),
        status_id=status_id,
        status_name=status_name,
        resolution=text(mapping(fields.get("resolution")).get("name")) or None,
        fix_versions=tuple(_fix_versions(fields.get("fixVersions"))),
        updated_at=moment(fields.get("updated")),
        # Says only since when the first status holds: not worth an issue that nobody follows.
        created_at=moment(fields.get("created") or fields.get("updated")),
        url=browse_url(base_url, key),
        project_key=text(mapping(fields.get("project")).get("key")) or key.rpartition("-")[0],
        labels=tuple(filter(None, map(text, items(fields.get("labels"))[:_MOST_LABELS]))),
        duplicates=tuple(_duplicates(fields.get("issuelinks"))),
    )


def created_issue(value: object, *, base_url: str) -> CreatedIssue:
    """Read the answer to a create.

    Raises:
        Unreadable: it does not say which issue was created.
    """
    found = mapping(value)
    found_id, key = identifier(found.get("id")), text(found.get("key"))
    if not found_id or not _KEY.fullmatch(key):
        raise Unreadable("the new issue's id or key is missing")
    return CreatedIssue(id=found_id, key=key, url=browse_url(base_url, key))


def attachments(value: object) -> tuple[Attachment, ...]:
    """Read a list of files, leaving out what has no id."""
    found = (mapping(entry) for entry in items(value))
    return tuple(
        Attachment(
            id=identifier(entry.get("id")),
            filename=text(entry.get("filename")),
            size=number(entry.get("size")) or 0,
        )
        for entry in found
        if identifier(entry.get("id"))
    )


def contains(rich_text: object, mark: str) -> bool:
    """Tell whether a text, plain or a tree, has a mark in one piece somewhere."""
    if isinstance(rich_text, str):
        return mark in rich_text
    if isinstance(rich_text, dict):
        return any(contains(part, mark) for part in rich_text.values())
    return isinstance(rich_text, list) and any(contains(part, mark) for part in rich_text)


def browse_url(base_url: str, key: str) -> str:
    """Return where a person opens the issue."""
    return f"{base_url.rstrip('/')}/browse/{quote(key, safe='-')}"


def in_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Sort by id, as numbers: 9 comes before 10."""
    return tuple(sorted(issues, key=lambda one: (number(one.id) or 0, one.id)))


def _fix_versions(value: object) -> Iterator[FixVersion]:
    for entry in items(value)[:_MOST_LABELS]:
        version = mapping(entry)
        if name := text(version.get("name")):
            yield FixVersion(
                name=name,
                released=version.get("released") is True,
                released_on=_day(version.get("releaseDate")),
            )


def _duplicates(value: object) -> Iterator[LinkedIssue]:
    """Yield the issues that this one duplicates: they are at the outward end of its links.

    The link type may have been renamed or translated, so its beginning has to do.
    """
    for entry in items(value)[:_MOST_LABELS]:
        link = mapping(entry)
        kind, other = mapping(link.get("type")), mapping(link.get("outwardIssue"))
        names = {text(kind.get(name)).casefold() for name in ("name", "outward")}
        found_id, key = identifier(other.get("id")), text(other.get("key"))
        if any(name.startswith(_DUPLICATE) for name in names) and found_id and _KEY.fullmatch(key):
            yield LinkedIssue(id=found_id, key=key)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _http_address(value: object) -> str | None:
    """Accept what people can open and nothing that a chat client would run."""
    address = text(value).strip().rstrip("/")
    try:
        parts = urlsplit(address)
        ok = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
    except ValueError:
        return None
    return address if ok and address.isprintable() and " " not in address else None
