"""`roles.*` and `permissions.*`."""

from sandbox.rocketchat.documents import public_user_document
from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.model import Document, Role, Room, Subscription, User
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.route import Call, Route, get, post
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.rest.subscriptions import read_since

ROOM_SCOPE = "Subscriptions"


def list_roles(call: Call) -> Document:
    """`roles.list`: for everybody who is logged in."""
    return {"roles": [role.document() for role in call.workspace.access.roles.values()]}


def sync(call: Call) -> Document:
    """`roles.sync`."""
    since = read_since(call, "error-updatedSince-param-invalid")
    roles = call.workspace.access.roles.values()
    changed = [role.document() for role in roles if since is None or role.updated_at > since]
    return {"roles": {"update": changed, "remove": []}}


def users_in_role(call: Call) -> Document:
    """`roles.getUsersInRole`."""
    role = _role(call, "role")
    call_room = call.text("roomId")
    if role.scope == ROOM_SCOPE and call_room is None:
        raise CodedError("error-invalid-roomId", "The room is required for this role")
    users = _holders(call, role, call_room)
    return page(call, "users", [public_user_document(user) for user in users])


def _holders(call: Call, role: Role, room_id: str | None) -> list[User]:
    if role.scope != ROOM_SCOPE:
        users = call.workspace.accounts.users.values()
        return [user for user in users if role.id in user.roles]
    room = call.workspace.rooms.rooms.get(str(room_id))
    members = room.members.values() if room else ()
    return [one.user for one in members if role.id in one.roles]


def users_in_public_roles(call: Call) -> Document:
    """`roles.getUsersInPublicRoles`: roles with a description are public."""
    public = {role.id for role in call.workspace.access.roles.values() if role.description}
    found = []
    for user in call.workspace.accounts.users.values():
        roles = [role for role in user.roles if role in public]
        if roles:
            found.append({"_id": user.id, "username": user.username, "roles": roles})
    return {"users": found}


def _role(call: Call, *keys: str) -> Role:
    """Return the role a request names: by identifier, before 8.0 also by name."""
    given = next((call.text(key) for key in keys if call.text(key)), None)
    if given is None:
        raise CodedError("error-invalid-role-properties", "The role properties are invalid.")
    access = call.workspace.access
    role = access.find_role(given) if call.version.names_roles else access.roles.get(given)
    if role is None:
        raise CodedError("error-role-not-found", "Role not found")
    return role


def add_user(call: Call) -> Document:
    """`roles.addUserToRole`."""
    role, user = _role(call, "roleId", "roleName"), _user(call)
    if role.id == "admin" and not call.permits("assign-admin-role"):
        raise CodedError("error-action-not-allowed", "Assigning admin is not allowed")
    if role.scope == ROOM_SCOPE:
        room, held = _held_in_room(call, user)
        if role.id in held.roles:
            raise CodedError("error-user-already-in-role", "User already in role")
        held.roles.append(role.id)
        call.workspace.rooms.touch_subscription(room, held)
        return {"role": role.document()}
    if role.id in user.roles:
        raise CodedError("error-user-already-in-role", "User already in role")
    call.workspace.give_role(user.id, role.id)
    return {"role": role.document()}


def remove_user(call: Call) -> Document:
    """`roles.removeUserFromRole`."""
    role, user = _role(call, "roleId", "roleName"), _user(call)
    if role.scope == ROOM_SCOPE:
        room, held = _held_in_room(call, user)
        if role.id not in held.roles:
            raise CodedError("error-user-not-in-role", "User is not in this role")
        held.roles.remove(role.id)
        call.workspace.rooms.touch_subscription(room, held)
        return {"role": role.document()}
    if role.id not in user.roles:
        raise CodedError("error-user-not-in-role", "User is not in this role")
    if role.id == "admin" and len(_holders(call, role, None)) == 1:
        raise CodedError("error-admin-required", "You need to have at least one admin")
    call.workspace.take_role(user.id, role.id)
    return {"role": role.document()}


def _held_in_room(call: Call, user: User) -> tuple[Room, Subscription]:
    """Return the membership that carries a role of a room."""
    room = call.workspace.rooms.rooms.get(call.text("roomId") or "")
    held = room.members.get(user.id) if room else None
    if room is None or held is None:
        raise CodedError("error-invalid-room", "The room is required for this role")
    return room, held


def _user(call: Call) -> User:
    user = call.workspace.accounts.find_by_username(call.params["username"])
    if user is None:
        raise CodedError("error-invalid-user", "There is no user by this username")
    return user


def create(call: Call) -> Document:
    """`roles.create`: the identifier is generated."""
    workspace, name = call.workspace, call.params["name"]
    if workspace.access.find_role(name) is not None:
        raise CodedError("error-duplicate-role-names-not-allowed", "Role name already exists")
    role = workspace.access.add_role(
        name,
        now=workspace.now(),
        scope=call.params.get("scope") or "Users",
        description=call.params.get("description") or "",
    )
    return {"role": role.document()}


def update(call: Call) -> Document:
    """`roles.update`."""
    role = _role(call, "roleId")
    if not role.protected:
        role.name = call.params["name"]
    role.description = call.params.get("description", role.description)
    role.updated_at = call.workspace.now()
    return {"role": role.document()}


def delete(call: Call) -> Document:
    """`roles.delete`."""
    role = _role(call, "roleId")
    if role.protected:
        raise CodedError("error-role-protected", "Cannot delete a protected role")
    if _holders(call, role, None):
        raise CodedError("error-role-in-use", "Cannot delete role because it's in use")
    del call.workspace.access.roles[role.id]
    return {}


# Permissions


def list_permissions(call: Call) -> Document:
    """`permissions.listAll`."""
    since = read_since(call, "error-updatedSince-param-invalid")
    return {"update": call.workspace.access.permission_documents(since), "remove": []}


def update_permissions(call: Call) -> Document:
    """`permissions.update`."""
    workspace = call.workspace
    wanted = call.params["permissions"]
    known = {one["_id"] for one in workspace.access.permission_documents()}
    for one in wanted:
        if not isinstance(one, dict) or str(one.get("_id")) not in known:
            raise CodedError("error-invalid-permission", "Invalid permission")
        roles = one.get("roles") or []
        if not isinstance(roles, list) or any(
            not isinstance(role, str) or role not in workspace.access.roles for role in roles
        ):
            raise CodedError("error-invalid-role", "Invalid role")
    for one in wanted:
        workspace.access.set_holders(one["_id"], one.get("roles") or (), workspace.now())
        workspace.notices.permission_changed({"_id": one["_id"], "roles": one.get("roles") or []})
    return {"permissions": workspace.access.permission_documents()}


def add_permission_role(call: Call) -> Document:
    """`permissions.addRole`."""
    return _set_permission(call, give=True)


def remove_permission_role(call: Call) -> Document:
    """`permissions.removeRole`."""
    return _set_permission(call, give=False)


def _set_permission(call: Call, *, give: bool) -> Document:
    workspace, permission = call.workspace, call.params["permissionId"]
    if call.params["role"] not in workspace.access.roles:
        raise CodedError("error-invalid-role", "Invalid role")
    if permission not in {one["_id"] for one in workspace.access.permission_documents()}:
        raise CodedError("error-invalid-permission", "Invalid permission")
    change = workspace.access.grant if give else workspace.access.revoke
    change(permission, call.params["role"], workspace.now())
    return {}


_ACCESS = ("access-permissions",)
_PERMISSION = shape(permissionId="string!", role="string!")
_ROLE = {"name": "string!", "scope": "string", "description": "string", "mandatory2fa": "boolean"}
_GIVE = {"roleId": "string", "roleName": "string", "username": "string!", "roomId": "string"}

ROUTES: tuple[Route, ...] = (
    get("roles.list", list_roles),
    get("roles.sync", sync, shape(updatedSince="string!")),
    get(
        "roles.getUsersInRole",
        users_in_role,
        shape(page=True, role="string!", roomId="string"),
        permissions=_ACCESS,
    ),
    get("roles.getUsersInPublicRoles", users_in_public_roles),
    post("roles.addUserToRole", add_user, shape(_GIVE), permissions=_ACCESS),
    post(
        "roles.removeUserFromRole", remove_user, shape(_GIVE, scope="string"), permissions=_ACCESS
    ),
    post("roles.create", create, shape(_ROLE), permissions=_ACCESS),
    post("roles.update", update, shape(_ROLE, roleId="string!"), permissions=_ACCESS),
    post("roles.delete", delete, shape(roleId="string!"), permissions=_ACCESS),
    get("permissions.listAll", list_permissions, shape(updatedSince="string")),
    post(
        "permissions.update",
        update_permissions,
        shape(permissions="array!"),
        permissions=_ACCESS,
    ),
    post("permissions.addRole", add_permission_role, _PERMISSION, permissions=_ACCESS),
    post("permissions.removeRole", remove_permission_role, _PERMISSION, permissions=_ACCESS),
)
