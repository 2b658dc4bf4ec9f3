"""A small product team's Jira, to start from."""

from dataclasses import dataclass, field

from sandbox.jira.server import JiraServer

PROJECT = "BUG"
STATUSES = (
    ("Backlog", "new"),
    ("Specifying", "new"),
    ("Ready", "new"),
    ("In Progress", "indeterminate"),
    ("In Review", "indeterminate"),
    ("Blocked", "indeterminate"),
    ("Done", "done"),
)
# Not called like the statuses they lead to, as in most workflows.
TRANSITION_NAMES = {
    "Backlog": "Back to backlog",
    "Specifying": "Specify",
    "Ready": "Ready for development",
    "In Progress": "Start work",
    "In Review": "Ask for review",
    "Blocked": "Block",
    "Done": "Finish",
}
VERSIONS = ("7.1.0", "7.2.0")


@dataclass(frozen=True, kw_only=True, slots=True)
class JiraPeople:
    """How to sign in as the bot, and where its issues go."""

    email: str
    api_token: str = field(repr=False)
    personal_token: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    project: str


def populate_jira(server: JiraServer) -> JiraPeople:
    """Fill an empty server: the bot's account, a developer, an administrator, one project.

    Every status may follow every other; the first, Backlog, is that of a new issue.
    """
    people = JiraPeople(
        email="casebot@example.org",
        api_token="sandbox-api-token",  # noqa: S106 - of this sandbox only
        personal_token="sandbox-personal-token",  # noqa: S106 - of this sandbox only
        username="casebot",
        password="sandbox-password",  # noqa: S106 - of this sandbox only
        project=PROJECT,
    )
    site = server.site
    site.add_account(
        people.username,
        email=people.email,
        display_name="Case Bot",
        password=people.password,
        api_token=people.api_token,
        personal_token=people.personal_token,
    )
    developer = site.add_account(
        "dev",
        email="dev@example.org",
        display_name="Dana Developer",
        password="dev-password",  # noqa: S106 - of this sandbox only
        api_token="dev-api-token",  # noqa: S106 - of this sandbox only
        personal_token="dev-personal-token",  # noqa: S106 - of this sandbox only
    )
    site.add_account(
        "admin",
        email="admin@example.org",
        display_name="Ada Admin",
        password="admin-password",  # noqa: S106 - of this sandbox only
        api_token="admin-api-token",  # noqa: S106 - of this sandbox only
        personal_token="admin-personal-token",  # noqa: S106 - of this sandbox only
        admin=True,
    )
    site.add_project(
        PROJECT,
        "Product",
        statuses=STATUSES,
        issue_types=("Bug", "Task", "Story"),
        transition_names=TRANSITION_NAMES,
        versions=VERSIONS,
        lead=developer,
    )
    return people
