"""`integrations.*`, as far as webhooks come in; and what is posted to one."""

from sandbox.rocketchat.errors import Failure, NotFound, PlainError, Unavailable
from sandbox.rocketchat.integrations import INCOMING, Integration
from sandbox.rocketchat.model import Document, User
from sandbox.rocketchat.rest.chat import post_message
from sandbox.rocketchat.rest.find import plain_failure
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.route import Call, Route, get, post, put
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.wire import parse_json

# What of a posted payload becomes part of the message.
CARRIED = ("text", "alias", "avatar", "emoji", "attachments", "tmid", "parseUrls", "customFields")
POSTED = shape(
    closed=False,
    text="string",
    alias="string",
    avatar="string",
    emoji="string",
    attachments="array",
    tmid="string",
    parseUrls="boolean",
    customFields="object",
    channel="string|strings",
    roomId="string|strings",
)


def create(call: Call) -> Document:
    """`integrations.create`."""
    given = call.params
    _check(call, given)
    user = call.workspace.accounts.find_by_username(given["username"])
    if user is None:
        raise plain_failure("error-invalid-user")
    integration = call.workspace.integrations.add(user, _kept(given), call.user)
    return {"integration": integration.document()}


def _check(call: Call, given: Document) -> None:
    if given["type"] != INCOMING:
        raise PlainError("Invalid integration type.")
    rooms, accounts = call.workspace.rooms, call.workspace.accounts
    targets = [one.strip() for one in given["channel"].split(",")]
    for target in targets:
        if target[:1] not in {"#", "@"}:
            raise Failure(
                error="Invalid channel. Start with @ or # [error-invalid-channel-start-with-chars]",
                errorType="error-invalid-channel-start-with-chars",
            )
        name = target[1:]
        known = rooms.find(name) if target[0] == "#" else accounts.find_by_username(name)
        if known is None:
            raise Failure(error="Invalid Room [error-invalid-room]", errorType="error-invalid-room")


def _kept(given: Document) -> Document:
    return {key: value for key, value in given.items() if key not in {"type", "integrationId"}}


def list_integrations(call: Call) -> Document:
    """`integrations.list`."""
    name, kind = call.text("name") or "", call.text("type")
    found = [
        one.document()
        for one in call.workspace.integrations.all.values()
        if name in one.given["name"] and kind in {None, INCOMING}
    ]
    listed = page(call, "integrations", found)
    return {**listed, "items": listed["count"]}


def get_integration(call: Call) -> Document:
    """`integrations.get`."""
    return {"integration": _named(call).document()}


def update(call: Call) -> Document:
    """`integrations.update`."""
    integration = _named(call)
    _check(call, call.params)
    call.workspace.integrations.change(integration, _kept(call.params))
    return {"integration": integration.document()}


def remove(call: Call) -> Document:
    """`integrations.remove`."""
    if call.params["integrationId"] not in call.workspace.integrations.all:
        raise plain_failure("No integration found.")
    integration = _named(call)
    del call.workspace.integrations.all[integration.id]
    return {"integration": integration.document()}


def _named(call: Call) -> Integration:
    found = call.workspace.integrations.all.get(call.params["integrationId"])
    if found is None:
        raise plain_failure("The integration does not exists.")
    return found


# What comes in


def take_in(call: Call) -> Document:
    """`/hooks/<id>/<token>`: posts as the user of the integration."""
    workspace = call.workspace
    integration = workspace.integrations.find(*call.path)
    if integration is None:
        raise NotFound("Invalid integration id or token provided.")
    if not integration.enabled:
        raise Unavailable
    call.params = _unwrapped(call.params)
    # With nothing in it, it is taken and nothing is posted.
    if call.params:
        call.caller = _author(call, integration)
        _fill_in(call, integration)
        post_message(call, bot={"i": integration.id})
    return {}


def _unwrapped(given: Document) -> Document:
    """Return the JSON in `payload`, in which forms carry it."""
    if set(given) != {"payload"} or not isinstance(given["payload"], str):
        return given
    try:
        payload = parse_json(given["payload"])
    except ValueError as error:
        raise plain_failure("Invalid payload") from error
    return payload if isinstance(payload, dict) else {}


def _author(call: Call, integration: Integration) -> User:
    user = call.workspace.accounts.users.get(integration.user.id)
    if user is None:
        raise plain_failure("error-invalid-user")
    return user


def _fill_in(call: Call, integration: Integration) -> None:
    given = call.params
    problems = POSTED.problems(given)
    if problems:
        raise plain_failure("\n ".join(problems))
    targets = given.get("roomId") or given.get("channel")
    if targets and not integration.may_choose_room:
        raise plain_failure("overriding destination channel is disabled for this integration")
    defaults = {key: integration.given.get(key) for key in ("alias", "avatar", "emoji")}
    chosen = {key: given.get(key) or defaults.get(key) for key in CARRIED}
    call.params = {key: value for key, value in chosen.items() if value is not None}
    if given.get("roomId"):
        call.params["roomId"] = given["roomId"]
    else:
        call.params["channel"] = given.get("channel") or integration.targets


_INCOMING = {
    "type": "string!",
    "channel": "string!",
    "scriptEnabled": "boolean!",
    "name": "string!",
    "enabled": "boolean!",
    "overrideDestinationChannelEnabled": "boolean",
    "script": "string",
    "scriptEngine": "string",
    "skipTranspile": "boolean",
    "alias": "string",
    "avatar": "string",
    "emoji": "string",
}
_MANAGE = ("manage-incoming-integrations",)

ROUTES: tuple[Route, ...] = (
    post("integrations.create", create, shape(_INCOMING, username="string!"), permissions=_MANAGE),
    get(
        "integrations.list",
        list_integrations,
        shape(page=True, name="string", type="string"),
        permissions=_MANAGE,
    ),
    get(
        "integrations.get",
        get_integration,
        shape(integrationId="string!", createdBy="string"),
        permissions=_MANAGE,
    ),
    put(
        "integrations.update",
        update,
        shape(_INCOMING, closed=False, integrationId="string!"),
        permissions=_MANAGE,
    ),
    post(
        "integrations.remove",
        remove,
        shape(type="string!", integrationId="string!"),
        permissions=_MANAGE,
    ),
)
# Outside of `/api/v1/`; whoever knows the token may call it.
HOOK = post("hooks", take_in, auth=False, parts=2)
