"""Mentions, shapes, windows, versions, settings, wire and access: no sockets."""

import random
from datetime import UTC, datetime

import pytest

from sandbox.rocketchat.emoji import emoji_key
from sandbox.rocketchat.errors import CodedError, LoginRefused, PlainError, Unauthorized
from sandbox.rocketchat.mentions import mentioned
from sandbox.rocketchat.posting_rules import text_length
from sandbox.rocketchat.rest.shapes import either, read_query, shape
from sandbox.rocketchat.server import RocketChatServer
from sandbox.rocketchat.version import Version
from sandbox.rocketchat.windows import Windows
from sandbox.rocketchat.wire import ddp_json, iso, parse_json, rest_json
from sandbox.rocketchat.workspace import Workspace

NAMES = "[0-9a-zA-Z-_.]+"
NOW = datetime(2026, 11, 24, 10, 0, 0, 5_000, tzinfo=UTC)


@pytest.fixture
def workspace() -> Workspace:
    rng = random.Random(1)  # noqa: S311 - protects nothing
    return Workspace(version=Version.parse("9.0"), settings={}, rng=rng, clock=lambda: NOW)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ana and @sam", ["ana", "sam"]),
        (">@ana", ["ana"]),
        ("x\n@ana", ["ana"]),
        ("mail@ana", []),
        ("(@ana)", []),
        ("[@ana](http://x)", []),
        ("@ana @ana", ["ana"]),
    ],
)
def test_who_is_mentioned(text: str, names: list[str]) -> None:
    assert list(mentioned([text], sigil="@", names=NAMES)) == names


def test_a_shape_names_everything_that_does_not_fit() -> None:
    wanted = shape(roomId="string!", count="integer", ids="strings", both="string|strings")
    assert wanted.problems({"roomId": "x", "count": 1, "ids": ["a"], "both": ["a"]}) == []
    assert wanted.problems({"count": True, "ids": [1], "both": "b", "more": 1}) == [
        "must have required property 'roomId'",
        "must NOT have additional properties",
        "must be integer",
        "must be array",
    ]


def test_alternatives_fit_if_one_does() -> None:
    wanted = either(shape(username="string!"), shape(usernames="string!"))
    assert wanted.problems({"usernames": "a"}) == []
    assert wanted.problems({"username": "a", "usernames": "b"})[-1].endswith("in oneOf")


def test_queries_are_read_by_type() -> None:
    wanted = shape(page=True, on="boolean", ids="strings")
    given = {"count": ["5"], "on": ["true"], "ids[]": ["a", "b"], "offset": ["x"]}
    assert read_query(given, wanted) == {"count": 5, "on": True, "ids": ["a", "b"], "offset": "x"}


def test_a_window_opens_again_at_its_end() -> None:
    windows = Windows()
    counts = [windows.hit("k", limit=2, span=10, now=now) for now in (0, 1, 9, 10)]
    assert [one.allowed for one in counts] == [True, True, False, True]
    assert [one.remaining for one in counts] == [1, 0, 0, 1]
    assert counts[2].reset_at == 10


def test_refusals_by_release() -> None:
    old, new = Version.parse("8.8"), Version.parse("9.0")
    coded = CodedError("error-not-allowed", "Not allowed", {"method": "m"})
    assert coded.refusal(old).body == {
        "success": False,
        "error": "Not allowed [error-not-allowed]",
        "errorType": "error-not-allowed",
        "details": {"method": "m"},
    }
    assert (coded.refusal(old).status, coded.refusal(new).status) == (400, 403)
    other = CodedError("error-action-not-allowed", "No")
    assert other.refusal(new).status == 400
    assert PlainError("room_is_blocked").refusal(new).status == 400
    assert Unauthorized().refusal(old).body["status"] == "error"
    assert "status" not in LoginRefused().refusal(new).body


@pytest.mark.parametrize(
    "code",
    [
        "error-not-allowed",
        "not-allowed",
        "not-authorized",
        "not_authorized",
        "no-permission",
        "error-not-authorized-federation",
    ],
)
def test_codes_that_9_0_answers_with_403(code: str) -> None:
    refusal = CodedError(code, "No").refusal(Version.parse("9.0"))
    assert (refusal.status, refusal.body["errorType"]) == (403, "error-forbidden")
    assert CodedError(code, "No").refusal(Version.parse("8.8")).status == 400


def test_dates_differ_between_the_interfaces() -> None:
    assert rest_json({"ts": NOW}) == '{"ts":"2026-11-24T10:00:00.005Z"}'
    assert ddp_json({"ts": NOW}) == '{"ts":{"$date":1795514400005}}'
    assert iso(NOW).endswith("005Z")


@pytest.mark.parametrize("text", ["NaN", '{"a":Infinity}', "[" * 100_000, "{", ""])
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert parse_json('{"a":["x\\ud800y","\\ud83d\\ude00"]}') == {"a": ["x\ufffdy", "😀"]}


def test_length_is_counted_in_utf_16_units() -> None:
    assert text_length("a😀") == 3


def test_an_unknown_version_or_setting_is_refused() -> None:
    with pytest.raises(ValueError, match=r"6\.0"):
        RocketChatServer(version="6.0")
    with pytest.raises(KeyError, match="Mesage"):
        RocketChatServer(settings={"Mesage_MaxAllowedSize": 1})


def test_access_is_not_membership(workspace: Workspace) -> None:
    access = workspace.access
    for name, roles in (("u", ["user"]), ("b", ["bot"]), ("g", ["guest"])):
        workspace.add_user(name, roles=roles)
    public = workspace.add_channel("public")
    private = workspace.add_channel("private", private=True, members=["b"])
    user, bot, guest = (workspace.user(one) for one in "ubg")

    assert access.can_access(public, user)
    assert access.can_access(public, bot)
    assert not access.can_access(public, guest)
    # A bot lacks view-p-room; view-joined-room lets it in where it is a member.
    assert access.can_access(private, bot)
    assert not access.can_access(private, user)
    assert not access.can_access(public, None)
    # preview-c-room is for users, not for bots.
    assert access.can_read(public, user)
    assert not access.can_read(public, bot)


def test_a_discussion_is_open_to_whoever_may_see_its_parent(workspace: Workspace) -> None:
    ana, sam = workspace.add_user("ana"), workspace.add_user("sam")
    parent = workspace.add_channel("parent")
    discussion = workspace.rooms.create("talk", ana, private=True, parent=parent.id)
    assert workspace.access.can_access(discussion, sam)


def test_roles_in_a_room_count_in_that_room(workspace: Workspace) -> None:
    workspace.add_user("ana")
    own, other = workspace.add_channel("own", owner="ana"), workspace.add_channel("other")
    ana = workspace.user("ana")
    assert workspace.access.permits(ana, "set-owner", own)
    assert not workspace.access.permits(ana, "set-owner", other)


def test_the_last_owner_stays(workspace: Workspace) -> None:
    workspace.add_user("ana")
    workspace.add_user("sam")
    workspace.add_channel("own", owner="ana", members=["sam"])
    with pytest.raises(CodedError, match="last owner"):
        workspace.remove_member("own", "ana")


def test_a_deleted_room_takes_its_messages_with_it(workspace: Workspace) -> None:
    workspace.add_user("ana")
    room = workspace.add_channel("gone", members=["ana"])
    message = workspace.post("ana", "gone", "x")["_id"]
    workspace.rooms.delete(room)
    assert workspace.messages.find(message) is None


def test_the_same_seed_gives_the_same_identifiers() -> None:
    first, second = (RocketChatServer(seed=7).workspace.add_user("ana").id for _ in range(2))
    assert first == second


def test_secrets_stay_out_of_reprs(workspace: Workspace) -> None:
    user = workspace.add_user("ana", password="hunter2")
    token = workspace.personal_access_token("ana")
    shown = repr(user) + repr(workspace.accounts.personal_tokens(user))
    assert str(user.password_digest) not in shown
    assert token not in shown
    assert token[-6:] not in shown


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("eyes", ":eyes:"),
        (":eyes:", ":eyes:"),
        (":thumbsup_tone3:", ":thumbsup_tone3:"),
        ("flag_br", ":flag_br:"),
        ("thumbsup_tone6", None),
        ("flag_", None),
        ("none_such", None),
        ("👀", None),
        ("", None),
    ],
)
def test_emoji_key(written: str, key: str | None) -> None:
    assert emoji_key(written) == key
