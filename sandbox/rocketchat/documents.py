"""Rooms, memberships and users as documents."""

from typing import Any

from sandbox.rocketchat.model import Document, Room, Subscription, User

DEFAULT_PREFERENCES: Document = {
    "enableAutoAway": True,
    "idleTimeLimit": 300,
    "desktopNotifications": "all",
    "pushNotifications": "all",
    "unreadAlert": True,
    "useEmojis": True,
    "convertAsciiEmoji": True,
    "autoImageLoad": True,
    "saveMobileBandwidth": True,
    "collapseMediaByDefault": False,
    "hideUsernames": False,
    "hideRoles": False,
    "hideFlexTab": False,
    "displayAvatars": True,
    "sidebarViewMode": "medium",
    "sidebarDisplayAvatar": True,
    "sidebarShowUnread": False,
    "sidebarSortby": "activity",
    "sidebarShowFavorites": True,
    "sendOnEnter": "normal",
    "emailNotificationMode": "mentions",
    "newRoomNotification": "door",
    "newMessageNotification": "chime",
    "muteFocusedConversations": True,
    "notificationsSoundVolume": 100,
    "alsoSendThreadToChannel": "default",
}


def _present(**fields: Any) -> Document:  # noqa: ANN401 - values of documents
    return {key: value for key, value in fields.items() if value is not None}


def room_document(room: Room) -> Document:
    """Return a room as the server sends it."""
    document: Document = {
        "_id": room.id,
        "t": room.t,
        "msgs": room.messages,
        "usersCount": len(room.members),
        "ts": room.ts,
        "ro": room.read_only,
        "default": room.default,
        "sysMes": room.hidden_system_types or True,
        "_updatedAt": room.updated_at,
    }
    if room.t == "d":
        document["usernames"] = [user.username for user in room.participants]
        document["uids"] = [user.id for user in room.participants]
    else:
        document |= {"name": room.name, "fname": room.label, "customFields": room.custom_fields}
    return document | _present(
        u=room.creator,
        topic=room.topic,
        description=room.description,
        announcement=room.announcement,
        archived=room.archived or None,
        encrypted=room.encrypted or None,
        reactWhenReadOnly=room.react_when_read_only or None,
        joinCodeRequired=True if room.join_code else None,
        prid=room.parent,
        muted=list(room.muted) or None,
        unmuted=list(room.unmuted) or None,
        lm=room.last_at,
        lastMessage=room.last_message,
    )


def subscription_document(subscription: Subscription, room: Room) -> Document:
    """Return a membership as its owner sees it."""
    name, fname = room_name_for(room, subscription.user)
    document: Document = {
        "_id": subscription.id,
        "rid": room.id,
        "t": room.t,
        "name": name,
        "fname": fname,
        "open": subscription.open,
        "alert": subscription.alert,
        "unread": subscription.unread,
        "userMentions": subscription.user_mentions,
        "groupMentions": subscription.group_mentions,
        "ts": subscription.ts,
        "u": subscription.user.brief,
        "_updatedAt": subscription.updated_at,
    }
    return document | _present(
        ls=subscription.ls,
        roles=list(subscription.roles) or None,
        archived=subscription.archived or None,
        blocked=subscription.blocked or None,
        blocker=subscription.blocker or None,
        f=subscription.favorite or None,
        ro=room.read_only or None,
        prid=room.parent,
        tunread=list(subscription.thread_unread) or None,
        lm=room.last_at,
    )


def room_name_for(room: Room, user: User) -> tuple[str, str]:
    """Return name and display name of a room for one member: a direct one bears the others'."""
    if room.t != "d":
        return room.name or room.id, room.label
    others = [other for other in room.participants if other is not user] or [user]
    return (
        ", ".join(other.username for other in others),
        ", ".join(other.name for other in others),
    )


def preferences_document(user: User) -> Document:
    """Return the preferences of a user, the language among them once there is one."""
    chosen = {} if user.language is None else {"language": user.language}
    return {**DEFAULT_PREFERENCES, **user.preferences, **chosen}


def own_document(user: User, site_url: str) -> Document:
    """Return what `me` tells a user about themselves."""
    preferences = preferences_document(user)
    return full_user_document(user) | _present(
        email=user.email,
        language=user.language,
        statusConnection=user.status,
        statusDefault=user.status_default,
        statusText=user.status_text,
        customFields=user.custom_fields,
        settings={"profile": {}, "preferences": preferences},
        avatarUrl=f"{site_url}/avatar/{user.username}",
        isOAuthUser=False,
    )


def public_user_document(user: User) -> Document:
    """Return what everybody may know of a user: no roles, no e-mail, no language."""
    return {
        "_id": user.id,
        "username": user.username,
        "name": user.name,
        "status": user.status,
        "statusText": user.status_text,
        "utcOffset": user.utc_offset,
        "type": user.type,
        "active": user.active,
    } | _present(nickname=user.nickname, bio=user.bio, federated=user.federated or None)


def full_user_document(user: User) -> Document:
    """Return what `view-full-other-user-info` opens."""
    return public_user_document(user) | _present(
        createdAt=user.created_at,
        _updatedAt=user.updated_at,
        emails=[{"address": user.email, "verified": user.email_verified}] if user.email else None,
        roles=list(user.roles),
        lastLogin=user.last_login,
        statusConnection=user.status,
        requirePasswordChange=user.require_password_change,
    )


def member_document(user: User) -> Document:
    """Return a user as the member lists show them."""
    return {
        "_id": user.id,
        "username": user.username,
        "name": user.name,
        "status": user.status,
        "statusText": user.status_text,
        "utcOffset": user.utc_offset,
        "_updatedAt": user.updated_at,
    }
