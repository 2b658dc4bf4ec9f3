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
class JiraPerson:
    """Somebody with an account: on Cloud `email` and `api_token`, else `username` and the rest.

    Args:
        about: what they do.
    """

    username: str
    name: str
    email: str
    password: str = field(repr=False)
    api_token: str = field(repr=False)
    personal_token: str = field(repr=False)
    about: str
    admin: bool = False


EVERYBODY = (
    JiraPerson(
        username="casebot",
        name="Case Bot",
        email="casebot@example.org",
        password="sandbox-password",  # noqa: S106 - of this sandbox only
        api_token="sandbox-api-token",  # noqa: S106 - of this sandbox only
        personal_token="sandbox-personal-token",  # noqa: S106 - of this sandbox only
        about="the bot",
    ),
    JiraPerson(
        username="dev",
        name="Dana Developer",
        email="dev@example.org",
        password="dev-password",  # noqa: S106 - of this sandbox only
        api_token="dev-api-token",  # noqa: S106 - of this sandbox only
        personal_token="dev-personal-token",  # noqa: S106 - of this sandbox only
        about="leads the project",
    ),
    JiraPerson(
        username="admin",
        name="Ada Admin",
        email="admin@example.org",
        password="admin-password",  # noqa: S106 - of this sandbox only
        api_token="admin-api-token",  # noqa: S106 - of this sandbox only
        personal_token="admin-personal-token",  # noqa: S106 - of this sandbox only
        about="administers Jira",
        admin=True,
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class JiraPeople:
    """How to sign in as the bot, where its issues go, and who else there is."""

    email: str
    api_token: str = field(repr=False)
    personal_token: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    project: str
    everybody: tuple[JiraPerson, ...] = EVERYBODY


def populate_jira(server: JiraServer) -> JiraPeople:
    """Fill an empty server: the bot's account, a developer, an administrator, one project.

    Every status may follow every other; the first, Backlog, is that of a new issue.
    """
    site = server.site
    bot, developer, _ = EVERYBODY
    for person in EVERYBODY:
        site.add_account(
            person.username,
            email=person.email,
            display_name=person.name,
            password=person.password,
            api_token=person.api_token,
            personal_token=person.personal_token,
            admin=person.admin,
        )
    site.add_project(
        PROJECT,
        "Product",
        statuses=STATUSES,
        issue_types=("Bug", "Task", "Story"),
        transition_names=TRANSITION_NAMES,
        versions=VERSIONS,
        lead=site.account(developer.username),
    )
    return JiraPeople(
        email=bot.email,
        api_token=bot.api_token,
        personal_token=bot.personal_token,
        username=bot.username,
        password=bot.password,
        project=PROJECT,
    )
