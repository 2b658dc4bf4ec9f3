"""Files and relations of issues, with the history entries they leave."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.jira.issues import save
from sandbox.jira.model import Account, Attachment, ChangeItem, Issue, IssueLink, LinkType

if TYPE_CHECKING:
    from sandbox.jira.site import Site


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file that was sent."""

    filename: str
    mime_type: str
    content: bytes = field(repr=False)


def attach(
    site: "Site", issue: Issue, uploads: Iterable[Upload], *, by: Account | None
) -> list[Attachment]:
    """Add files to an issue."""
    added = [
        Attachment(
            id=str(site.next_id("attachment")),
            filename=upload.filename,
            author=by,
            created=site.now(),
            mime_type=upload.mime_type,
            content=upload.content,
        )
        for upload in uploads
    ]
    issue.attachments = (*issue.attachments, *added)
    items = [
        ChangeItem(field="Attachment", field_id="attachment", to_id=a.id, to_text=a.filename)
        for a in added
    ]
    save(site, issue, {}, by=by, extra=items)
    return added


def detach(site: "Site", issue: Issue, attachment: Attachment, *, by: Account | None) -> None:
    """Take a file off an issue."""
    issue.attachments = tuple(a for a in issue.attachments if a is not attachment)
    item = ChangeItem(
        field="Attachment",
        field_id="attachment",
        from_id=attachment.id,
        from_text=attachment.filename,
    )
    save(site, issue, {}, by=by, extra=[item])


def link(
    site: "Site", kind: LinkType, source: Issue, target: Issue, *, by: Account | None
) -> IssueLink:
    """Relate two issues, unless they are related so already."""
    for known in source.links:
        if (known.type, known.source_id, known.target_id) == (kind, source.id, target.id):
            return known
    made = IssueLink(
        id=str(site.next_id("link")), type=kind, source_id=source.id, target_id=target.id
    )
    ends = ((source, target, kind.outward), (target, source, kind.inward))
    for issue, other, phrase in ends:
        issue.links = (*issue.links, made)
        item = ChangeItem(
            field="Link",
            field_id="issuelinks",
            to_id=other.key,
            to_text=f"This issue {phrase} {other.key}",
        )
        save(site, issue, {}, by=by, extra=[item], touches=site.switches.links_bump_updated)
    return made


def unlink(site: "Site", relation: IssueLink, *, by: Account | None) -> None:
    """Undo a relation."""
    source, target = site.issues[relation.source_id], site.issues[relation.target_id]
    kind = relation.type
    ends = ((source, target, kind.outward), (target, source, kind.inward))
    for issue, other, phrase in ends:
        issue.links = tuple(known for known in issue.links if known is not relation)
        item = ChangeItem(
            field="Link",
            field_id="issuelinks",
            from_id=other.key,
            from_text=f"This issue {phrase} {other.key}",
        )
        save(site, issue, {}, by=by, extra=[item], touches=site.switches.links_bump_updated)
