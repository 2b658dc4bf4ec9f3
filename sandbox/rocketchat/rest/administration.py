"""Making, changing, switching off and removing accounts."""

from sandbox.rocketchat.accounts import digest_password
from sandbox.rocketchat.documents import full_user_document
from sandbox.rocketchat.errors import CodedError, MissingPermission
from sandbox.rocketchat.model import Document, User
from sandbox.rocketchat.rest.find import find_user
from sandbox.rocketchat.rest.route import Call, Route, post
from sandbox.rocketchat.rest.shapes import either, shape

_PROFILE = {
    "name": "string",
    "email": "string",
    "password": "string",
    "username": "string",
    "active": "boolean",
    "nickname": "string",
    "bio": "string",
    "statusText": "string",
    "roles": "strings",
    "requirePasswordChange": "boolean",
    "setRandomPassword": "boolean",
    "sendWelcomeEmail": "boolean",
    "joinDefaultChannels": "boolean",
    "verified": "boolean",
    "customFields": "object",
}


def create(call: Call) -> Document:
    """`users.create`."""
    call.demand("create-user")
    given = call.params
    user = call.workspace.add_user(
        given["username"],
        name=given["name"],
        password=given["password"],
        email=given["email"],
        email_verified=bool(given.get("verified")),
        roles=_roles(call, given.get("roles") or ["user"]),
    )
    _apply(user, given)
    if given.get("active") is False:
        call.workspace.set_active(user, active=False)
    if given.get("joinDefaultChannels", True):
        for room in list(call.workspace.rooms.rooms.values()):
            if room.default:
                call.workspace.rooms.join(room, user)
    return {"user": full_user_document(user)}


def register(call: Call) -> Document:
    """`users.register`."""
    if call.caller is not None:
        raise CodedError("error-user-already-logged-in", "Logged in users can not register again.")
    given = call.params
    user = call.workspace.add_user(
        given["username"], name=given["name"], password=given["pass"], email=given["email"]
    )
    return {"user": full_user_document(user)}


def _roles(call: Call, given: list[str]) -> list[str]:
    found = [call.workspace.access.find_role(role) for role in given]
    if None in found:
        raise CodedError("error-action-not-allowed", "Role does not exist")
    return [role.id for role in found if role]


def _apply(user: User, given: Document) -> None:
    user.name = given.get("name", user.name)
    user.nickname = given.get("nickname", user.nickname)
    user.bio = given.get("bio", user.bio)
    user.status_text = given.get("statusText", user.status_text)
    user.email_verified = bool(given.get("verified", user.email_verified))
    user.custom_fields = given.get("customFields", user.custom_fields)
    user.require_password_change = bool(
        given.get("requirePasswordChange", user.require_password_change)
    )
    if given.get("password"):
        user.password_digest = digest_password(given["password"])


def update(call: Call) -> Document:
    """`users.update`: another's account."""
    call.demand("edit-other-user-info")
    user = find_user(call)
    data = call.params["data"]
    _check_profile(data)
    _change(call, user, data)
    return {"user": full_user_document(user)}


def _check_profile(data: Document) -> None:
    problems = shape(_PROFILE, closed=False).problems(data)
    if problems:
        raise CodedError("invalid-params", "\n ".join(problems))


def _change(call: Call, user: User, data: Document) -> None:
    before = (user.username, user.name)
    call.workspace.accounts.rename(user, username=data.get("username"), email=data.get("email"))
    if "roles" in data:
        user.roles = _roles(call, data["roles"])
    _apply(user, data)
    user.updated_at = call.workspace.now()
    if "active" in data and data["active"] is not user.active:
        call.workspace.set_active(user, active=data["active"])
    if before != (user.username, user.name):
        call.workspace.notices.name_changed(user)


def update_own(call: Call) -> Document:
    """`users.updateOwnBasicInfo`."""
    data = dict(call.params["data"])
    if {"newPassword", "email"} & data.keys() and not _knows_password(call, data):
        raise CodedError("error-invalid-password", "Invalid password")
    data["password"] = data.get("newPassword") or ""
    _check_profile(data)
    _change(call, call.user, {key: data[key] for key in data if key not in {"roles", "active"}})
    return {"user": full_user_document(call.user)}


def _knows_password(call: Call, data: Document) -> bool:
    given = str(data.get("currentPassword", ""))
    # The clients send the digest of the password here.
    return call.user.password_digest in {given, digest_password(given)}


def set_active_status(call: Call) -> Document:
    """`users.setActiveStatus`."""
    if not call.permits("edit-other-user-active-status") and not call.permits(
        "manage-moderation-actions"
    ):
        raise MissingPermission
    user = find_user(call)
    call.workspace.set_active(user, active=call.params["activeStatus"])
    return {"user": {"_id": user.id, "active": user.active}}


def delete(call: Call) -> Document:
    """`users.delete`."""
    call.demand("delete-user")
    user = find_user(call)
    call.workspace.remove_user(user)
    return {"deletedRooms": []}


def log_out(call: Call) -> Document:
    """`users.logout`: ends all sessions of a user."""
    user = find_user(call) if call.text("userId") else call.user
    if user is not call.user and not call.permits("logout-other-user"):
        raise MissingPermission
    call.workspace.end_sessions(user)
    return {"message": f"User {user.id} has been logged out!"}


_WHO = ("userId", "username")

ROUTES: tuple[Route, ...] = (
    post(
        "users.create",
        create,
        shape(
            {
                **_PROFILE,
                "name": "string!",
                "email": "string!",
                "username": "string!",
                "password": "string!",
            },
        ),
    ),
    post(
        "users.register",
        register,
        shape(
            {
                "username": "string!",
                "name": "string!",
                "email": "string!",
                "pass": "string!",
                "secretURL": "string",
                "reason": "string",
            }
        ),
        auth=False,
    ),
    post("users.update", update, shape(userId="string!", data="object!", confirmRelinquish="any")),
    post("users.updateOwnBasicInfo", update_own, shape(data="object!", customFields="object")),
    post(
        "users.setActiveStatus",
        set_active_status,
        shape(userId="string!", activeStatus="boolean!", confirmRelinquish="boolean"),
    ),
    post(
        "users.delete",
        delete,
        either(*(shape({key: "string!"}, confirmRelinquish="boolean") for key in _WHO)),
    ),
    post("users.logout", log_out, shape(userId="string")),
)
