"""What a `STORAGE_URL` of PostgreSQL says, and what the driver can be given of it.

The URL is that of PostgreSQL's own tools. The driver knows most of their options; it would send
the others to the server as settings of the session, which refuses them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from storage.base import StoreError

EXAMPLE = (
    "write it as postgresql://user:password@host:5432/database; in the password, @ is %40, : is"
    " %3A, / is %2F, ? is %3F, # is %23, [ is %5B and % is %25"
)

# How a connection is made, waited for and kept alive is the program's own business.
_OURS = frozenset({
    "connect_timeout", "fallback_application_name", "keepalives", "keepalives_count",
    "keepalives_idle", "keepalives_interval", "load_balance_hosts", "sslcompression", "sslsni",
    "tcp_user_timeout",
})  # fmt: skip
# What may be asked for and cannot be had, and the values that do not insist on it.
_BEYOND: Mapping[str, frozenset[str]] = {
    "channel_binding": frozenset({"prefer", "disable"}),
    "gssdelegation": frozenset({"0"}),
    "gssencmode": frozenset({"prefer", "disable"}),
    "require_auth": frozenset(),
    "requirepeer": frozenset(),
    "sslcertmode": frozenset({"allow", "disable"}),
    "sslcrldir": frozenset(),
}
_CHECKING = ("verify-ca", "verify-full")
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "sslmode": ("disable", "allow", "prefer", "require", *_CHECKING),
    "target_session_attrs": (
        "any", "read-write", "read-only", "primary", "standby", "prefer-standby",
    ),
}  # fmt: skip
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_SECRET = frozenset({"password", "sslpassword"})


def address_of(url: str) -> str:
    """Return the URL as the driver takes it.

    Raises:
        StoreError: it cannot be read, or asks for what cannot be had. The message repeats nothing
            of it but names of options.
    """
    parts = _split(url)
    options = _options_of(parts.query)
    if not parts.path.strip("/") and not options.keys() & {"dbname", "database", "service"}:
        raise StoreError(f"STORAGE_URL names no database: {EXAMPLE}.")
    _check_possible(options)
    _check_encryption(options)
    kept = {name: value for name, value in options.items() if name not in _OURS | _BEYOND.keys()}
    query = f"?{urlencode(kept)}" if kept else ""
    return f"postgresql://{parts.netloc}{parts.path}{query}"


def secrets_in(url: str) -> list[str]:
    """Return what is secret in a URL, as it is written and as it is meant; never raises.

    Also in one that cannot be read, as with a password that should have been escaped.
    """
    _, _, rest = url.partition("://")
    before, _, after = rest.rpartition("@")
    written = [before.partition(":")[2]]
    for option in after.partition("?")[2].split("&"):
        name, _, value = option.partition("=")
        if name in _SECRET:
            written.append(value)
    return [secret for one in written if one for secret in dict.fromkeys([one, unquote(one)])]


def _split(url: str) -> SplitResult:
    # What stands before the slashes may name a driver, as in SQLAlchemy's own URLs.
    _, _, rest = url.partition("://")
    try:
        parts = urlsplit(f"postgresql://{rest}")
    except ValueError:
        # Its message may hold the password.
        raise StoreError(f"STORAGE_URL cannot be read: {EXAMPLE}.") from None
    if parts.netloc.count("@") > 1 or (parts.fragment and parts.path):
        raise StoreError(f"STORAGE_URL cannot be read: {EXAMPLE}.")
    return parts


def _options_of(query: str) -> dict[str, str]:
    # As PostgreSQL's own tools do: a plus is a plus, the last of two counts.
    pairs = (option.partition("=")[::2] for option in query.split("&"))
    return {unquote(name): unquote(value) for name, value in pairs if value}


def _check_possible(options: Mapping[str, str]) -> None:
    for name, known in _KNOWN.items():
        if options.get(name, known[0]) not in known:
            raise StoreError(f"STORAGE_URL has an unknown {name}: use one of {', '.join(known)}.")
    for name, harmless in _BEYOND.items():
        if name in options and options[name] not in harmless:
            raise StoreError(
                f"STORAGE_URL asks for {name}, which this program cannot do: leave it out."
            )


def _check_encryption(options: Mapping[str, str]) -> None:
    mode = options.get("sslmode", "prefer")
    for name in _FILES:
        if name in options and mode != "disable" and not Path(options[name]).is_file():
            raise StoreError(f"STORAGE_URL names a file as {name} that is not there.")
    if mode in _CHECKING and not _has_root_certificate(options):
        raise StoreError(
            f"STORAGE_URL has sslmode={mode}, which needs the certificate of whoever signed the"
            " server's: name its file as sslrootcert."
        )


def _has_root_certificate(options: Mapping[str, str]) -> bool:
    usual = os.path.expanduser("~/.postgresql/root.crt")  # noqa: PTH111 - there may be no home
    return any(
        file and Path(file).is_file()
        for file in (options.get("sslrootcert"), os.environ.get("PGSSLROOTCERT"), usual)
    )
