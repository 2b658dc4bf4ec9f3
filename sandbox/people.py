"""The people and rooms to play with."""

from dataclasses import dataclass, field

from sandbox.rocketchat.server import RocketChatServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account.

    Args:
        username: what others type after `@`.
        name: what others read.
        password: made up, for the sandbox alone.
        roles: names of roles.
        about: what they do in the process.
    """

    username: str
    name: str
    password: str = field(repr=False)
    roles: tuple[str, ...]
    about: str


ADMIN = Person(
    username="admin",
    name="Adele Admin",
    password="admin-password",  # noqa: S106 - of the sandbox
    roles=("admin",),
    about="runs the workspace",
)
BOT = Person(
    username="casebot",
    name="Case Bot",
    password="casebot-password",  # noqa: S106 - of the sandbox
    roles=("bot", "support-bot"),
    about="the bot",
)
ANA = Person(
    username="ana",
    name="Ana Analyst",
    password="ana-password",  # noqa: S106 - of the sandbox
    roles=("user", "support-analyst"),
    about="support analyst, level 1",
)
SAM = Person(
    username="sam",
    name="Sam Specialist",
    password="sam-password",  # noqa: S106 - of the sandbox
    roles=("user", "support-specialist"),
    about="support specialist, level 2",
)
RITA = Person(
    username="rita",
    name="Rita Research",
    password="rita-password",  # noqa: S106 - of the sandbox
    roles=("user", "rnd"),
    about="R&D, level 3",
)
CARLA = Person(
    username="carla",
    name="Carla Customer",
    password="carla-password",  # noqa: S106 - of the sandbox
    roles=("user",),
    about="customer",
)
CARLOS = Person(
    username="carlos",
    name="Carlos Customer",
    password="carlos-password",  # noqa: S106 - of the sandbox
    roles=("user",),
    about="customer",
)
EVERYBODY = (ADMIN, BOT, ANA, SAM, RITA, CARLA, CARLOS)
CUSTOM_ROLES = ("support-analyst", "support-specialist", "rnd", "support-bot")
# Room, who is in it.
CHANNELS = (
    ("general", EVERYBODY),
    ("support", (ANA, SAM, RITA, BOT)),
    ("level2", (ANA, SAM, RITA, BOT)),
    ("level3", (SAM, RITA, BOT)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who was added, and the credentials of the bot."""

    everybody: tuple[Person, ...]
    channels: tuple[str, ...]
    bot_user_id: str
    bot_token: str = field(repr=False)

    def person(self, username: str) -> Person:
        """Return a person; KeyError if there is none of that name."""
        for one in self.everybody:
            if one.username == username:
                return one
        raise KeyError(username)


def populate_rocketchat(server: RocketChatServer) -> People:
    """Add the people, their roles and channels to a fresh server.

    The role of the bot lets it see the roles and e-mails of others, which is
    what a real workspace has to grant, too.
    """
    workspace = server.workspace
    for role in CUSTOM_ROLES:
        workspace.add_role(role)
    workspace.grant("view-full-other-user-info", "support-bot")
    for person in EVERYBODY:
        workspace.add_user(
            person.username,
            name=person.name,
            password=person.password,
            roles=person.roles,
            email=f"{person.username}@example.org",
            email_verified=True,
        )
    for name, members in CHANNELS:
        workspace.add_channel(name, members=[one.username for one in members])
    return People(
        everybody=EVERYBODY,
        channels=tuple(name for name, _ in CHANNELS),
        bot_user_id=workspace.user(BOT.username).id,
        bot_token=workspace.personal_access_token(BOT.username),
    )
