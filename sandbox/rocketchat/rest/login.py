"""`login`, `logout`, `me`, `info` and personal access tokens."""

from sandbox.rocketchat.accounts import digest_password
from sandbox.rocketchat.documents import own_document
from sandbox.rocketchat.errors import CodedError, LoginRefused
from sandbox.rocketchat.model import Document, User
from sandbox.rocketchat.rest.find import find_user
from sandbox.rocketchat.rest.route import Call, Reply, Route, get, post
from sandbox.rocketchat.rest.shapes import either, shape


def login(call: Call) -> Document | Reply:
    """`login`: by password or by token."""
    user = _who(call)
    token, _ = call.workspace.accounts.open_session(user)
    me = own_document(user, call.site_url)
    data = {"userId": user.id, "authToken": token, "me": me}
    return {"status": "success", "data": data}


def _who(call: Call) -> User:
    accounts = call.workspace.accounts
    resume = call.text("resume")
    if resume is not None:
        user, _ = accounts.resume(resume)
        return user
    name = call.params.get("user") or call.params.get("username") or call.params.get("email")
    password = call.params.get("password")
    if isinstance(name, dict):
        name = name.get("username") or name.get("email")
    if not isinstance(name, str):
        raise LoginRefused
    if isinstance(password, dict):
        digest = str(password.get("digest"))
    elif isinstance(password, str):
        digest = digest_password(password)
    else:
        raise LoginRefused
    code = call.text("code") or call.headers.get("x-2fa-code")
    return accounts.authenticate(name, digest, code=code)


def logout(call: Call) -> Document:
    """`logout`: ends the token it was called with, whatever its kind."""
    if call.token is not None:
        call.workspace.accounts.revoke(call.token)
    return {"status": "success", "data": {"message": "You've been logged out!"}}


def me(call: Call) -> Document:
    """`me`: the caller's own account."""
    return own_document(call.user, call.site_url)


def info(call: Call) -> Document:
    """`/api/info`: the release, in full only for those who may see statistics."""
    if call.caller is not None and call.permits("view-statistics"):
        return {"info": {"version": f"{call.version}.0", "build": {}, "commit": {}}}
    return {"version": str(call.version)}


def generate_token(call: Call) -> Document:
    """`users.generatePersonalAccessToken`."""
    name = _may_have_tokens(call)
    accounts = call.workspace.accounts
    if accounts.find_personal_token(call.user, name) is not None:
        raise CodedError("error-token-already-exists", "A token with this name already exists")
    bypass = bool(call.params.get("bypassTwoFactor"))
    return {"token": accounts.create_personal_token(call.user, name, bypass=bypass)}


def regenerate_token(call: Call) -> Document:
    """`users.regeneratePersonalAccessToken`."""
    name = _may_have_tokens(call)
    accounts = call.workspace.accounts
    token = accounts.find_personal_token(call.user, name)
    if token is None:
        raise CodedError("error-token-does-not-exists", "Token does not exist")
    accounts.revoke(token)
    new = accounts.create_personal_token(call.user, name, bypass=token.bypass_two_factor)
    return {"token": new}


def remove_token(call: Call) -> Document:
    """`users.removePersonalAccessToken`."""
    name = _may_have_tokens(call)
    token = call.workspace.accounts.find_personal_token(call.user, name)
    if token is None:
        raise CodedError("error-token-does-not-exists", "Token does not exist")
    call.workspace.accounts.revoke(token)
    return {}


def list_tokens(call: Call) -> Document:
    """`users.getPersonalAccessTokens`: never the tokens themselves."""
    if not call.permits("create-personal-access-tokens"):
        raise CodedError("not-authorized", "Not Authorized")
    return {
        "tokens": [
            {
                "name": token.name,
                "createdAt": token.created_at,
                "lastTokenPart": token.last_part,
                "bypassTwoFactor": token.bypass_two_factor,
            }
            for token in call.workspace.accounts.personal_tokens(call.user)
        ]
    }


def _may_have_tokens(call: Call) -> str:
    if not call.permits("create-personal-access-tokens"):
        raise CodedError("not-authorized", "Not Authorized")
    user = call.user
    bypassed = call.token is not None and call.token.bypass_two_factor
    if user.two_factor_code is not None and not bypassed:
        given = call.headers.get("x-2fa-code")
        if given != user.two_factor_code:
            code = "totp-invalid" if given else "totp-required"
            text = "TOTP Invalid" if given else "TOTP Required"
            raise CodedError(code, text, {"method": "email", "availableMethods": ["email"]})
    return str(call.params["tokenName"])


def create_token(call: Call) -> Document:
    """`users.createToken`: from 8.0 on only with the secret of the server."""
    workspace = call.workspace
    if not call.permits("user-generate-access-token"):
        raise CodedError("error-not-authorized", "Not authorized")
    if call.version.since(8) and (
        not workspace.create_token_secret
        or call.params.get("secret") != workspace.create_token_secret
    ):
        raise CodedError("error-not-authorized", "Not authorized")
    user = find_user(call)
    token, _ = workspace.accounts.open_session(user)
    return {"data": {"userId": user.id, "authToken": token}}


def log_out_others(call: Call) -> Document:
    """`users.logoutOtherClients`: personal access tokens stay."""
    workspace = call.workspace
    workspace.accounts.revoke_all(call.user, personal=False)
    token, kept = workspace.accounts.open_session(call.user)
    return {"token": token, "tokenExpires": kept.expires_at}


_NAMED = shape(tokenName="string!")

ROUTES: tuple[Route, ...] = (
    # Not closed: the login handlers of the real server look at the body themselves.
    post("login", login, auth=False),
    post("logout", logout),
    get("me", me),
    post(
        "users.generatePersonalAccessToken",
        generate_token,
        shape(tokenName="string!", bypassTwoFactor="boolean"),
    ),
    post("users.regeneratePersonalAccessToken", regenerate_token, _NAMED),
    post("users.removePersonalAccessToken", remove_token, _NAMED),
    get("users.getPersonalAccessTokens", list_tokens),
    post(
        "users.createToken",
        create_token,
        either(*(shape({key: "string!", "secret": "string"}) for key in ("userId", "username"))),
    ),
    post("users.logoutOtherClients", log_out_others),
)
