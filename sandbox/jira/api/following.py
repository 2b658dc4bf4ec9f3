"""Who watches and votes for an issue."""

from collections.abc import Callable

from aiohttp import web

from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import Handler, delete, get, post
from sandbox.jira.errors import BAD_PAYLOAD, ApiError, unreadable
from sandbox.jira.model import Account


def list_watchers(call: Call) -> web.Response:
    """List who is told about an issue."""
    issue = call.issue()
    return answer(
        {
            "self": f"{call.presenter.api}/issue/{issue.id}/watchers",
            "isWatching": call.caller in issue.watchers,
            "watchCount": len(issue.watchers),
            "watchers": [call.presenter.user(account) for account in issue.watchers],
        }
    )


def _find(call: Call, identifier: str) -> Account:
    for account in call.site.accounts:
        if identifier == (account.account_id if call.cloud else account.name):
            return account
    raise ApiError(404, f"The user '{identifier}' does not exist.")


def watch(call: Call) -> web.Response:
    """Let the person named by the JSON string in the body watch, or the caller."""
    issue = call.issue()
    named = call.json() if call.body.strip() else None
    if not isinstance(named, str | None):
        raise unreadable(BAD_PAYLOAD)
    account = _find(call, named) if named else call.signed_in()
    issue.watchers = tuple(dict.fromkeys((*issue.watchers, account)))
    call.site.index.put(issue)
    return no_content()


def unwatch(call: Call) -> web.Response:
    """Let somebody watch no longer."""
    issue = call.issue()
    account = _find(call, call.query("accountId" if call.cloud else "username"))
    issue.watchers = tuple(other for other in issue.watchers if other is not account)
    call.site.index.put(issue)
    return no_content()


def get_votes(call: Call) -> web.Response:
    """Tell who wants an issue solved."""
    issue = call.issue()
    return answer(
        {
            "self": f"{call.presenter.api}/issue/{issue.id}/votes",
            "votes": len(issue.voters),
            "hasVoted": call.caller in issue.voters,
            "voters": [call.presenter.user(account) for account in issue.voters],
        }
    )


def _vote(change: Callable[[tuple[Account, ...], Account], tuple[Account, ...]]) -> Handler:
    def handler(call: Call) -> web.Response:
        issue, voter = call.issue(), call.signed_in()
        if issue.reporter is voter:
            raise ApiError(404, "You cannot vote for an issue you have reported.")
        issue.voters = change(issue.voters, voter)
        call.site.index.put(issue)
        return no_content()

    return handler


def notify(call: Call) -> web.Response:
    """Take a message to people about an issue, which is sent to nobody here."""
    call.issue()
    call.signed_in()
    call.json_object()
    return no_content()


ENDPOINTS = (
    post("/issue/{issue}/notify", notify),
    get("/issue/{issue}/watchers", list_watchers),
    post("/issue/{issue}/watchers", watch),
    delete("/issue/{issue}/watchers", unwatch),
    get("/issue/{issue}/votes", get_votes),
    post("/issue/{issue}/votes", _vote(lambda all_, one: tuple(dict.fromkeys((*all_, one))))),
    delete("/issue/{issue}/votes", _vote(lambda all_, one: tuple(a for a in all_ if a is not one))),
)
