"""The JSON of everything small: users, statuses, projects, versions, comments, files."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sandbox.jira import adf
from sandbox.jira.model import (
    Account,
    Attachment,
    Comment,
    Component,
    IssueLink,
    IssueType,
    LinkType,
    Priority,
    Project,
    RemoteLink,
    Resolution,
    RichText,
    Status,
    StatusCategory,
    Version,
)
from sandbox.jira.site import Site
from sandbox.jira.times import format_instant

Json = dict[str, Any]
_SIZES = ("48x48", "24x24", "16x16", "32x32")


class Presenter:
    """Writes things the way one API version of one deployment does."""

    def __init__(
        self, site: Site, *, base_url: str, version: str, viewer: Account | None = None
    ) -> None:
        self.site = site
        self.viewer = viewer
        self.base_url = base_url
        self.version = version
        self.cloud = site.deployment == "cloud"
        self.api = f"{base_url}/rest/api/{version}"

    def instant(self, moment: Any) -> str | None:  # noqa: ANN401 - datetime or None
        """Return an instant in the site's zone."""
        return None if moment is None else format_instant(moment, self.site.zone)

    def rich(self, text: RichText | None) -> Any:  # noqa: ANN401 - a document or a string
        """Return a long text: a document on Cloud v3, else a string."""
        if text is None:
            return None
        if self.cloud and self.version == "3":
            return text.document or adf.from_text(text.text)
        return text.text

    def avatars(self, kind: str, identifier: str) -> Json:
        """Return the addresses of an avatar in all sizes."""
        address = f"{self.base_url}/secure/{kind}avatar?avatarId={identifier}"
        return {size: f"{address}&size={size}" for size in _SIZES}

    def user(self, account: Account | None) -> Json | None:
        """Return a person as others see them."""
        if account is None:
            return None
        shared = {
            "emailAddress": account.email,
            "avatarUrls": self.avatars("user", "10122"),
            "displayName": account.display_name,
            "active": account.active,
            "timeZone": account.time_zone,
        }
        if self.cloud and not account.shows_email:
            del shared["emailAddress"]
        if self.cloud:
            address = f"{self.api}/user?accountId={quote(account.account_id)}"
            return {
                "self": address,
                "accountId": account.account_id,
                "accountType": "atlassian",
            } | shared
        address = f"{self.api}/user?username={quote(account.name)}"
        return {"self": address, "name": account.name, "key": account.key} | shared

    def category(self, category: StatusCategory) -> Json:
        """Return a status category."""
        return {
            "self": f"{self.api}/statuscategory/{category.id}",
            "id": category.id,
            "key": category.key,
            "colorName": category.color,
            "name": category.name,
        }

    def status(self, status: Status) -> Json:
        """Return a status."""
        result = {
            "self": f"{self.api}/status/{status.id}",
            "description": "",
            "iconUrl": f"{self.base_url}/images/icons/statuses/generic.png",
            "name": status.name,
            "id": status.id,
            "statusCategory": self.category(status.category),
        }
        if self.cloud and status.project_id:
            result["scope"] = {"type": "PROJECT", "project": {"id": status.project_id}}
        return result

    def issue_type(self, kind: IssueType) -> Json:
        """Return an issue type."""
        result: Json = {
            "self": f"{self.api}/issuetype/{kind.id}",
            "id": kind.id,
            "description": "",
            "iconUrl": f"{self.base_url}/images/icons/issuetypes/{kind.name.lower()}.svg",
            "name": kind.name,
            "subtask": kind.subtask,
            "avatarId": 10303,
        }
        if self.cloud:
            result["hierarchyLevel"] = -1 if kind.subtask else 0
        return result

    def priority(self, priority: Priority | None, *, full: bool = False) -> Json | None:
        """Return a priority; in lists also with its colour."""
        if priority is None:
            return None
        result = {
            "self": f"{self.api}/priority/{priority.id}",
            "iconUrl": f"{self.base_url}/images/icons/priorities/{priority.name.lower()}.svg",
            "name": priority.name,
            "id": priority.id,
        }
        if full:
            result |= {"statusColor": priority.color, "description": ""}
        return result

    def resolution(self, resolution: Resolution | None) -> Json | None:
        """Return a resolution."""
        if resolution is None:
            return None
        return {
            "self": f"{self.api}/resolution/{resolution.id}",
            "id": resolution.id,
            "description": "",
            "name": resolution.name,
        }

    def version_of(self, version: Version, *, full: bool = False) -> Json:
        """Return a version; on issues without what only the version itself shows."""
        result: Json = {
            "self": f"{self.api}/version/{version.id}",
            "id": version.id,
            "description": version.description,
            "name": version.name,
            "archived": version.archived,
            "released": version.released,
        }
        if version.release_date:
            result["releaseDate"] = version.release_date.isoformat()
        if full:
            result["projectId"] = int(version.project_id)
            if version.start_date:
                result["startDate"] = version.start_date.isoformat()
            if version.release_date:
                today = self.site.now().date()
                late = not version.released and version.release_date < today
                result["overdue"] = late
                result["userReleaseDate"] = f"{version.release_date:%d/%b/%y}"
        return result

    def component(self, component: Component) -> Json:
        """Return a component."""
        result: Json = {
            "self": f"{self.api}/component/{component.id}",
            "id": component.id,
            "name": component.name,
        }
        if component.description:
            result["description"] = component.description
        return result

    def component_details(self, project: Project, component: Component) -> Json:
        """Return a component with its project and whoever leads it."""
        result = self.component(component) | {
            "assigneeType": "PROJECT_DEFAULT",
            "realAssigneeType": "PROJECT_DEFAULT",
            "isAssigneeTypeValid": False,
            "project": project.key,
            "projectId": int(project.id),
        }
        if component.lead is not None:
            result["lead"] = self.user(component.lead)
        return result

    def project(self, project: Project) -> Json:
        """Return a project as it appears on issues and in lists."""
        result: Json = {
            "self": f"{self.api}/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "avatarUrls": self.avatars("project", "10324"),
        }
        if self.cloud:
            result |= {
                "simplified": project.team_managed,
                "style": "next-gen" if project.team_managed else "classic",
                "isPrivate": False,
            }
        return result

    def project_details(self, project: Project) -> Json:
        """Return a project with everything about it."""
        result = self.project(project) | {
            "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
            "description": "",
            "lead": self.user(project.lead),
            "components": [self.component(c) for c in project.components],
            "issueTypes": [self.issue_type(kind) for kind in project.issue_types],
            "assigneeType": "UNASSIGNED",
            "versions": [self.version_of(v, full=True) for v in project.versions],
            "roles": {},
        }
        if project.lead is None:
            del result["lead"]
        if self.cloud:
            result["properties"] = {}
        return result

    def comment(self, issue_id: int, comment: Comment) -> Json:
        """Return a comment."""
        result: Json = {
            "self": f"{self.api}/issue/{issue_id}/comment/{comment.id}",
            "id": comment.id,
            "author": self.user(comment.author),
            "body": self.rich(comment.body),
            "updateAuthor": self.user(comment.update_author),
            "created": self.instant(comment.created),
            "updated": self.instant(comment.updated),
        }
        if comment.visibility:
            result["visibility"] = {
                "type": comment.visibility.type,
                "value": comment.visibility.value,
            }
        if self.cloud:
            internal = comment.properties.get("sd.public.comment", {})
            result["jsdPublic"] = not (isinstance(internal, dict) and internal.get("internal"))
        return result

    def attachment(self, attachment: Attachment) -> Json:
        """Return what is known about a file; its `content` is an address."""
        if self.cloud:
            base, rest = f"{self.api}/attachment", attachment.id
            content, thumbnail = f"{base}/content/{rest}", f"{base}/thumbnail/{rest}"
        else:
            rest = f"{attachment.id}/{quote(attachment.filename, safe='')}"
            base = f"{self.base_url}/secure"
            content, thumbnail = f"{base}/attachment/{rest}", f"{base}/thumbnail/{rest}"
        result: Json = {
            "self": f"{self.api}/attachment/{attachment.id}",
            "id": attachment.id,
            "filename": attachment.filename,
            "author": self.user(attachment.author),
            "created": self.instant(attachment.created),
            "size": len(attachment.content),
            "mimeType": attachment.mime_type,
            "content": content,
        }
        if attachment.mime_type.startswith("image/"):
            result["thumbnail"] = thumbnail
        return result

    def link_type(self, kind: LinkType) -> Json:
        """Return a link type."""
        return {
            "id": kind.id,
            "name": kind.name,
            "inward": kind.inward,
            "outward": kind.outward,
            "self": f"{self.api}/issueLinkType/{kind.id}",
        }

    def remote_link(self, issue_id: int, link: RemoteLink) -> Json:
        """Return a link to something elsewhere."""
        target: Mapping[str, Any] = link.object
        result: Json = {
            "id": link.id,
            "self": f"{self.api}/issue/{issue_id}/remotelink/{link.id}",
            "application": dict(link.application),
            "object": {
                "url": target["url"],
                "title": target["title"],
                "icon": target.get("icon") or {},
                "status": target.get("status") or {"icon": {}},
            },
        }
        if target.get("summary") is not None:
            result["object"]["summary"] = target["summary"]
        if link.global_id is not None:
            result["globalId"] = link.global_id
        if link.relationship is not None:
            result["relationship"] = link.relationship
        return result

    def issue_link(self, link: IssueLink, *, seen_from: int | None = None) -> Json:
        """Return a relation; seen from one of its issues, only the other is named."""
        result: Json = {
            "id": link.id,
            "self": f"{self.api}/issueLink/{link.id}",
            "type": self.link_type(link.type),
        }
        # "inwardIssue" is the source: A blocks B has A inward and B outward.
        if seen_from != link.source_id:
            result["inwardIssue"] = self._linked(link.source_id)
        if seen_from != link.target_id:
            result["outwardIssue"] = self._linked(link.target_id)
        return result

    def shows(self, link: IssueLink) -> bool:
        """Tell whether both ends of a relation are there, and no secret to the viewer."""
        ends = [self.site.issues.get(end) for end in (link.source_id, link.target_id)]
        hidden = self.site.permissions.is_hidden
        return all(
            end is not None and (self.viewer is None or not hidden(self.viewer, end))
            for end in ends
        )

    def _linked(self, issue_id: int) -> Json:
        issue = self.site.issues[issue_id]
        return {
            "id": str(issue.id),
            "key": issue.key,
            "self": f"{self.api}/issue/{issue.id}",
            "fields": {
                "summary": issue.summary,
                "status": self.status(issue.status),
                "priority": self.priority(issue.priority),
                "issuetype": self.issue_type(issue.issue_type),
            },
        }
