"""The table of contents: every route of the REST interface."""

from sandbox.rocketchat.rest import (
    administration,
    channels,
    chat,
    clients,
    commands,
    direct,
    files,
    history,
    integrations,
    login,
    method_call,
    roles,
    room_lists,
    rooms,
    settings,
    subscriptions,
    sync,
    users,
)
from sandbox.rocketchat.rest.route import Route

ROUTES: tuple[Route, ...] = (
    *login.ROUTES,
    *chat.ROUTES,
    *clients.ROUTES,
    *history.ROUTES,
    *sync.ROUTES,
    *channels.ROUTES,
    *direct.ROUTES,
    *rooms.ROUTES,
    *room_lists.ROUTES,
    *subscriptions.ROUTES,
    *files.ROUTES,
    *users.ROUTES,
    *administration.ROUTES,
    *roles.ROUTES,
    *commands.ROUTES,
    *settings.ROUTES,
    *method_call.ROUTES,
    *integrations.ROUTES,
)
