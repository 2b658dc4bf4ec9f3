"""Who may do what: roles, permissions and access to rooms."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sandbox.rocketchat.ids import Ids
from sandbox.rocketchat.model import Document, Role, Room, User
from sandbox.rocketchat.permissions import DEFAULT_PERMISSIONS, DEFAULT_ROLES


class Access:
    """Roles, what they permit, and what follows for rooms.

    Args:
        ids: gives custom roles their generated identifiers.
        rooms: all rooms by identifier, to follow a discussion to its parent.
        now: when the built-in roles count as changed.
    """

    def __init__(self, ids: Ids, rooms: Mapping[str, Room], now: datetime) -> None:
        self._ids = ids
        self._rooms = rooms
        self.roles: dict[str, Role] = {
            name: Role(
                id=name,
                name=name,
                scope=scope,
                description=description,
                protected=True,
                updated_at=now,
            )
            for name, scope, description in DEFAULT_ROLES
        }
        self._holders: dict[str, list[str]] = {
            permission: list(roles) for permission, roles in DEFAULT_PERMISSIONS.items()
        }
        self._changed_at: dict[str, datetime] = dict.fromkeys(self._holders, now)

    # Roles

    def add_role(
        self, name: str, *, now: datetime, scope: str = "Users", description: str = ""
    ) -> Role:
        """Create a custom role with a generated identifier."""
        role = Role(
            id=self._ids.new(), name=name, scope=scope, description=description, updated_at=now
        )
        self.roles[role.id] = role
        return role

    def find_role(self, text: str) -> Role | None:
        """Return the role with that identifier, else the one with that name."""
        if text in self.roles:
            return self.roles[text]
        return next((role for role in self.roles.values() if role.name == text), None)

    # Permissions

    def grant(self, permission: str, role_id: str, now: datetime) -> None:
        """Give a permission to a role; a permission nobody knew before is created."""
        holders = self._holders.setdefault(permission, [])
        if role_id not in holders:
            holders.append(role_id)
        self._changed_at[permission] = now

    def revoke(self, permission: str, role_id: str, now: datetime) -> None:
        """Take a permission from a role."""
        holders = self._holders.get(permission, [])
        if role_id in holders:
            holders.remove(role_id)
        self._changed_at[permission] = now

    def set_holders(self, permission: str, role_ids: Iterable[str], now: datetime) -> None:
        """Replace the roles that hold a permission; KeyError for one that does not exist."""
        if permission not in self._holders:
            raise KeyError(permission)
        self._holders[permission] = list(role_ids)
        self._changed_at[permission] = now

    def permission_documents(self, changed_after: datetime | None = None) -> list[Document]:
        """Return all permissions, or those changed since."""
        return [
            {"_id": name, "roles": list(roles), "_updatedAt": self._changed_at[name]}
            for name, roles in self._holders.items()
            if changed_after is None or self._changed_at[name] > changed_after
        ]

    def permits(self, user: User, permission: str, room: Room | None = None) -> bool:
        """Tell whether one of the user's roles, also those in the room, has a permission."""
        holders = self._holders.get(permission, ())
        if any(role in holders for role in user.roles):
            return True
        membership = room.members.get(user.id) if room else None
        return bool(membership) and any(role in holders for role in membership.roles)  # type: ignore[union-attr]

    def permits_any(self, user: User, permissions: Iterable[str], room: Room | None = None) -> bool:
        """Tell whether the user has at least one of them."""
        return any(self.permits(user, permission, room) for permission in permissions)

    # Rooms (Rocket.Chat 7.7.1 `canAccessRoom.ts`)

    def can_access(self, room: Room, user: User | None) -> bool:
        """Tell whether the user may see a room at all: not the same as being a member."""
        if user is None:
            return False
        if room.t == "c" and self.permits(user, "view-c-room"):
            return True
        if user.id in room.members and (
            self.permits(user, "view-joined-room", room)
            or self.permits(user, f"view-{room.t}-room", room)
        ):
            return True
        parent = self._rooms.get(room.parent) if room.parent else None
        return parent is not None and self.can_access(parent, user)

    def can_read(self, room: Room, user: User | None) -> bool:
        """Tell whether the user may read the messages: public ones also by preview."""
        if user is None or not self.can_access(room, user):
            return False
        return (
            room.t != "c" or user.id in room.members or self.permits(user, "preview-c-room", room)
        )
