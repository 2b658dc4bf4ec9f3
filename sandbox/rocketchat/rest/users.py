"""`users.*`, except tokens."""

from sandbox.rocketchat.documents import (
    full_user_document,
    preferences_document,
    public_user_document,
)
from sandbox.rocketchat.errors import CodedError, PlainError
from sandbox.rocketchat.model import Document, User
from sandbox.rocketchat.notices import STATUS_NUMBERS
from sandbox.rocketchat.rest.find import find_user
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.route import MINUTE, Call, Limit, Route, get, post
from sandbox.rocketchat.rest.shapes import either, shape
from sandbox.rocketchat.wire import parse_json

DEFAULT_TERM_COUNT = 10


def info(call: Call) -> Document:
    """`users.info`: without `view-full-other-user-info` no roles, e-mail or dates of others."""
    accounts = call.workspace.accounts
    user_id, username, email = call.text("userId"), call.text("username"), call.text("email")
    user = accounts.users.get(user_id) if user_id else None
    if user is None and username:
        user = accounts.find_by_username(username)
    if email and not call.version.since(8, 8):
        raise CodedError("invalid-params", "must NOT have additional properties")
    if user is None and email and _sees_all(call):
        user = accounts.find_by_email(email)
    if user is None:
        raise PlainError("User not found.")
    document = described(call, user)
    if call.params.get("includeUserRooms") in {True, "true"} and (
        user is call.user or call.permits("view-other-user-channels")
    ):
        document["rooms"] = [
            {"rid": room.id, "t": room.t, "name": room.name, "roles": room.members[user.id].roles}
            for room in call.workspace.rooms.rooms_of(user)
        ]
    return {"user": document}


def _sees_all(call: Call) -> bool:
    return call.permits("view-full-other-user-info")


def described(call: Call, user: User) -> Document:
    """Return a user as the caller may see them."""
    if user is call.user or _sees_all(call):
        return full_user_document(user) | {"canViewAllInfo": True}
    return public_user_document(user)


def list_users(call: Call) -> Document:
    """`users.list`: by username."""
    call.demand("view-d-room")
    return page(call, "users", [described(call, user) for user in _sorted(call)])


def _sorted(call: Call) -> list[User]:
    users = call.workspace.accounts.users.values()
    return sorted(users, key=lambda user: user.username.lower())


def list_by_status(call: Call) -> Document:
    """`users.listByStatus`."""
    call.demand("view-d-room")
    wanted, term = call.text("status"), (call.text("searchTerm") or "").lower()
    roles, kind = call.params.get("roles") or [], call.text("type")
    logged_in = call.params.get("hasLoggedIn")
    found = [
        user
        for user in _sorted(call)
        if (wanted is None or user.active is (wanted == "active"))
        and (not roles or any(role in roles for role in user.roles))
        and (kind is None or user.type == kind)
        and (logged_in is None or (user.last_login is not None) is logged_in)
        and (term in user.username.lower() or term in user.name.lower())
    ]
    # 7.7.1 shows roles and e-mails here to whoever may see users at all.
    shown = full_user_document if not call.version.since(8) else None
    return page(call, "users", [shown(one) if shown else described(call, one) for one in found])


def autocomplete(call: Call) -> Document:
    """`users.autocomplete`: active users whose name contains the term."""
    try:
        selector = parse_json(call.params["selector"])
        term, exceptions = str(selector.get("term", "")), selector.get("exceptions") or []
        excluded = {str(one) for one in exceptions}
    except (ValueError, AttributeError, TypeError) as error:
        raise CodedError("error-invalid-params", "Invalid selector") from error
    found = [
        user
        for user in _sorted(call)
        if user.active
        and user.username not in excluded
        and (term.lower() in user.username.lower() or term.lower() in user.name.lower())
    ]
    keys = ("_id", "username", "name", "status", "nickname")
    return {
        "items": [
            {key: value for key, value in public_user_document(user).items() if key in keys}
            for user in found[:DEFAULT_TERM_COUNT]
        ]
    }


def get_presence(call: Call) -> Document:
    """`users.getPresence`: more of oneself than of others."""
    named = call.text("userId") or call.text("username")
    user = find_user(call) if named else call.user
    if user is call.user:
        return {
            "presence": user.status,
            "connectionStatus": user.status,
            "lastLogin": user.last_login,
        }
    return {"presence": user.status}


def presence(call: Call) -> Document:
    """`users.presence`: those who are not offline."""
    if call.workspace.settings.on("Presence_broadcast_disabled"):
        return {"users": [], "full": True}
    ids = [one for text in call.params.get("ids") or () for one in text.split(",") if one]
    wanted = ids or None
    keys = ("_id", "username", "name", "status", "statusText", "utcOffset")
    users = [
        {key: public_user_document(user)[key] for key in keys}
        for user in call.workspace.accounts.users.values()
        if user.status != "offline" and (wanted is None or user.id in wanted)
    ]
    return {"users": users, "full": wanted is None and call.text("from") is None}


def get_status(call: Call) -> Document:
    """`users.getStatus`."""
    named = call.text("userId") or call.text("username") or call.text("user")
    user = find_user(call) if named else call.user
    answer = {"_id": user.id, "status": user.status, "message": user.status_text}
    return answer | ({"connectionStatus": user.status} if user is call.user else {})


def set_status(call: Call) -> Document:
    """`users.setStatus`: one's own, or with the right another's."""
    user = call.user
    if call.text("userId") or call.text("username"):
        user = find_user(call)
    if user is not call.user and not call.permits("edit-other-user-info"):
        raise CodedError("error-not-allowed", "Not allowed")
    if user.federated:
        raise CodedError("error-user-is-federated", "User is federated")
    status = call.params.get("status", user.status)
    if status not in STATUS_NUMBERS:
        raise CodedError(
            "error-invalid-status",
            "Valid status types include online, away, offline, and busy.",
            {"method": "users.setStatus"},
        )
    text = call.params.get("message", user.status_text)
    call.workspace.set_status(user.id, status, text)
    return {}


def get_preferences(call: Call) -> Document:
    """`users.getPreferences`: one's own, the language among them."""
    return {"preferences": preferences_document(call.user)}


def set_preferences(call: Call) -> Document:
    """`users.setPreferences`."""
    user = call.user
    if call.text("userId"):
        user = find_user(call)
    if user is not call.user and not call.permits("edit-other-user-info"):
        raise CodedError("error-action-not-allowed", "Editing user is not allowed")
    data = dict(call.params["data"])
    user.language = data.pop("language", user.language)
    user.preferences |= data
    user.updated_at = call.workspace.now()
    settings = {"preferences": preferences_document(user)}
    return {"user": {"_id": user.id, "settings": settings}}


def name_available(call: Call) -> Document:
    """`users.checkUsernameAvailability`."""
    taken = call.workspace.accounts.find_by_username(call.params["username"])
    return {"result": taken is None or taken is call.user}


def own_name_suggestion(call: Call) -> Document:
    """`users.getUsernameSuggestion`."""
    return {"result": call.user.username}


def avatar_url(call: Call) -> Document:
    """`users.getAvatar`: where the picture would be."""
    user = find_user(call) if call.params else call.user
    return {"url": f"{call.site_url}/avatar/{user.username}"}


def set_avatar(call: Call) -> Document:
    """`users.setAvatar`: taken and forgotten, the sandbox draws its own."""
    if not call.files and not call.text("avatarUrl"):
        raise CodedError("error-avatar-param-not-provided", "No image was provided")
    return _check_own(call)


def reset_avatar(call: Call) -> Document:
    """`users.resetAvatar`."""
    return _check_own(call)


def _check_own(call: Call) -> Document:
    named = call.text("userId") or call.text("username")
    if named and find_user(call) is not call.user and not call.permits("edit-other-user-avatar"):
        raise CodedError("error-not-allowed", "Not allowed")
    return {}


_PERSON = shape(userId="string", username="string", user="string")

ROUTES: tuple[Route, ...] = (
    get(
        "users.info",
        info,
        either(
            *(
                shape({key: "string!"}, includeUserRooms="string", fields="string")
                for key in ("userId", "username", "importId", "email", "freeSwitchExtension")
            )
        ),
    ),
    get("users.list", list_users, shape(page=True, email="string")),
    get(
        "users.listByStatus",
        list_by_status,
        shape(
            page=True,
            status="string",
            hasLoggedIn="boolean",
            type="string",
            roles="strings",
            searchTerm="string",
            inactiveReason="strings",
        ),
    ),
    get("users.autocomplete", autocomplete, shape(selector="string!")),
    get("users.getPresence", get_presence, _PERSON),
    get("users.presence", presence, shape({"from": "string", "ids": "strings"})),
    get("users.getStatus", get_status, _PERSON),
    post(
        "users.setStatus",
        set_status,
        shape(
            status="string",
            message="string",
            userId="string",
            username="string",
            expiresAt="string",
        ),
        limit=Limit(5, MINUTE),
    ),
    get("users.getPreferences", get_preferences),
    post("users.setPreferences", set_preferences, shape(userId="string", data="object!")),
    get("users.checkUsernameAvailability", name_available, shape(username="string!")),
    get("users.getUsernameSuggestion", own_name_suggestion),
    get("users.getAvatar", avatar_url, _PERSON),
    post("users.setAvatar", set_avatar, multipart=True),
    post("users.resetAvatar", reset_avatar, shape(userId="string", username="string")),
)
