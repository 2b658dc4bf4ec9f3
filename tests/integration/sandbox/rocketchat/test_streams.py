from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from sandbox.rocketchat.ddp.sending import Shuffle
from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Ddp, Rest
from tests.waiting import eventually

As = Callable[[str | None], Rest]
Connect = Callable[..., Awaitable[Ddp]]
MakeServer = Callable[..., Awaitable[RocketChatServer]]
MESSAGES = "stream-room-messages"
MINE = "__my_messages__"


async def listening(ddp: Connect, username: str) -> Ddp:
    client = await ddp(username)
    answer = await client.subscribe(MESSAGES, MINE)
    assert answer["msg"] == "ready"
    return client


async def test_a_message_comes_with_what_the_room_is_to_the_listener(
    ddp: Connect, server: RocketChatServer
) -> None:
    ana, carla = await listening(ddp, "ana"), await listening(ddp, "carla")
    sent = server.workspace.post("ana", "support", "hello")

    (message, extra), *_ = await eventually(ana.mine)
    assert (message["_id"], message["msg"]) == (sent["_id"], "hello")
    assert isinstance(message["ts"]["$date"], int)
    assert extra == {"roomParticipant": True, "roomType": "c", "roomName": "support"}
    (_, outside), *_ = await eventually(carla.mine)
    assert outside == {"roomParticipant": False, "roomType": "c", "roomName": "support"}


async def test_private_rooms_reach_their_members_only_and_direct_ones_have_no_name(
    ddp: Connect, server: RocketChatServer
) -> None:
    ana, carla = await listening(ddp, "ana"), await listening(ddp, "carla")
    server.workspace.add_channel("secret", private=True, members=["ana"])
    server.workspace.post("ana", "secret", "hidden")
    room = server.workspace.direct_room("ana", "carla")
    server.workspace.post("ana", room.id, "direct")

    (message, extra), *_ = await eventually(carla.mine)
    assert message["msg"] == "direct"
    assert extra == {"roomParticipant": True, "roomType": "d"}
    await eventually(lambda: [one[0]["msg"] for one in ana.mine()] == ["hidden", "direct"])


async def test_edits_reactions_and_replies_bring_the_whole_message_again(
    ddp: Connect, server: RocketChatServer
) -> None:
    ana, workspace = await listening(ddp, "ana"), server.workspace
    root = workspace.post("ana", "support", "root")["_id"]
    workspace.react("sam", root, ":eyes:")
    workspace.edit("ana", root, "better")
    workspace.post("sam", "support", "reply", thread=root)
    workspace.messages.attach_previews(root, {"title": "t"})

    await eventually(lambda: len(ana.mine()) == 6)
    first, reacted, edited, reply, parent, preview = (one[0] for one in ana.mine())
    assert "editedAt" not in first
    assert reacted["reactions"] == {":eyes:": {"usernames": ["sam"]}}
    assert edited["msg"] == "better"
    assert isinstance(edited["editedAt"]["$date"], int)
    assert reply["tmid"] == root
    assert (parent["_id"], parent["tcount"]) == (root, 1)
    assert parent["replies"] == [workspace.user(one).id for one in ("ana", "sam")]
    assert preview["_id"] == root


async def test_links_bring_the_message_again_unless_no_previews_are_wanted(
    rest: As, ddp: Connect, server: RocketChatServer
) -> None:
    ana, rid = await listening(ddp, "ana"), server.workspace.room("support").id
    plain = {"rid": rid, "msg": "see http://x.example", "_id": "plain"}
    await rest("sam").post("chat.sendMessage", message=plain, previewUrls=[])
    await rest("sam").send(rid, "see http://x.example", _id="previewed")
    await eventually(lambda: len(ana.mine()) == 3)
    assert [one[0]["_id"] for one in ana.mine()] == ["plain", "previewed", "previewed"]
    first, second = ana.mine()[1][0], ana.mine()[2][0]
    assert first["urls"] == [{"url": "http://x.example", "meta": {}}]
    assert second["urls"][0]["meta"] != {}
    assert "editedAt" not in second


async def test_a_delete_is_told_on_the_room_stream_only(
    ddp: Connect, server: RocketChatServer
) -> None:
    ana, room = await listening(ddp, "ana"), server.workspace.room("support")
    await ana.subscribe("stream-notify-room", f"{room.id}/deleteMessage")
    message = server.workspace.post("ana", "support", "oops")["_id"]
    server.workspace.delete("ana", message)

    event = f"{room.id}/deleteMessage"
    assert await eventually(lambda: ana.events("stream-notify-room", event)) == [[{"_id": message}]]
    assert len(ana.mine()) == 1


async def test_a_shown_delete_blanks_the_message(ddp: Connect, server: RocketChatServer) -> None:
    server.workspace.set_setting("Message_ShowDeletedStatus", value=True)
    ana = await listening(ddp, "ana")
    message = server.workspace.post("ana", "support", "oops")["_id"]
    server.workspace.delete("ana", message)
    await eventually(lambda: len(ana.mine()) == 2)
    last = ana.mine()[-1][0]
    assert (last["t"], last["msg"]) == ("rm", "")


async def test_before_the_login_private_streams_are_refused_and_my_messages_stay_silent(
    ddp: Connect, server: RocketChatServer
) -> None:
    nobody, ana = await ddp(), server.workspace.user("ana")
    for name, event in (
        ("stream-notify-user", f"{ana.id}/message"),
        ("stream-notify-logged", "user-status"),
        (MESSAGES, server.workspace.room("support").id),
    ):
        refused = await nobody.subscribe(name, event)
        assert (refused["msg"], refused["error"]["error"]) == ("nosub", "not-allowed")
    assert (await nobody.subscribe(MESSAGES, MINE))["msg"] == "ready"
    listener = await listening(ddp, "ana")
    server.workspace.post("ana", "support", "x")
    await eventually(listener.mine)
    assert nobody.mine() == []

    token = server.workspace.personal_access_token("ana")
    await nobody.method("login", {"resume": token})
    server.workspace.post("ana", "support", "y")
    await eventually(nobody.mine)
    assert [one[0]["msg"] for one in nobody.mine()] == ["y"]


async def test_nobody_hears_the_stream_of_another(ddp: Connect, server: RocketChatServer) -> None:
    ana = await ddp("ana")
    refused = await ana.subscribe(
        "stream-notify-user", f"{server.workspace.user('sam').id}/message"
    )
    assert refused["error"]["error"] == "not-allowed"
    unnamed = await ana.subscribe("stream-notify-all", "")
    assert unnamed["error"]["error"] == "invalid-event-name"
    unknown = await ana.subscribe("stream-of-thought", "x")
    assert unknown["error"]["error"] == 404


@pytest.mark.parametrize("options", [True, {"useCollection": True, "args": []}])
async def test_who_wants_a_collection_gets_added_before_ready(
    ddp: Connect, options: object
) -> None:
    client = await ddp("ana")
    await client.say(msg="sub", id="c", name=MESSAGES, params=[MINE, options])
    await client.wait(lambda frame: frame.get("subs") == ["c"])
    kinds = [one for one in client.frames if one.get("collection") == MESSAGES or "subs" in one]
    assert [one["msg"] for one in kinds] == ["added", "ready"]
    assert kinds[0]["fields"] == {"eventName": MINE}


async def test_unsub_ends_the_events_and_is_answered_without_error(
    ddp: Connect, server: RocketChatServer
) -> None:
    ana = await ddp("ana")
    await ana.say(msg="sub", id="a", name=MESSAGES, params=[MINE, False])
    await ana.wait(lambda frame: frame.get("subs") == ["a"])
    await ana.say(msg="unsub", id="a")
    gone = await ana.wait(lambda frame: frame.get("msg") == "nosub")
    assert "error" not in gone
    assert not server.workspace.streams.wanted(MESSAGES, MINE)


async def test_no_replay_after_a_reconnect(ddp: Connect, server: RocketChatServer) -> None:
    first = await listening(ddp, "ana")
    server.workspace.post("sam", "support", "before")
    await eventually(first.mine)
    server.faults.close_websockets()
    server.workspace.post("sam", "support", "meanwhile")
    second = await listening(ddp, "ana")
    server.workspace.post("sam", "support", "after")
    await eventually(second.mine)
    assert [one[0]["msg"] for one in second.mine()] == ["after"]


async def test_the_form_per_room_goes_silent_when_the_member_is_removed(
    ddp: Connect, server: RocketChatServer
) -> None:
    group = server.workspace.add_channel("secret", private=True, members=["ana", "sam"])
    ana, sam = await ddp("ana"), await ddp("sam")
    for client in (ana, sam):
        await client.subscribe(MESSAGES, group.id)
    server.workspace.post("sam", "secret", "one")
    await eventually(lambda: ana.events(MESSAGES, group.id))
    server.workspace.remove_member("secret", "ana")
    server.workspace.post("sam", "secret", "two")
    await eventually(lambda: len(sam.events(MESSAGES, group.id)) == 3)
    assert [one[0]["msg"] for one in ana.events(MESSAGES, group.id)] == ["one"]
    assert not any(one.get("msg") == "nosub" for one in ana.frames)


async def test_the_user_streams_tell_rooms_subscriptions_and_notifications(
    ddp: Connect, server: RocketChatServer
) -> None:
    carla = await ddp("carla")
    uid = server.workspace.user("carla").id
    events = [f"{uid}/{one}" for one in ("rooms-changed", "subscriptions-changed", "notification")]
    for event in events:
        await carla.subscribe("stream-notify-user", event)
    room = server.workspace.direct_room("ana", "carla")
    server.workspace.post("ana", room.id, "hello")

    rooms, subscriptions, notifications = events
    await eventually(lambda: carla.events("stream-notify-user", notifications))
    inserted = carla.events("stream-notify-user", rooms)[0]
    assert (inserted[0], inserted[1]["_id"]) == ("inserted", room.id)
    opened = carla.events("stream-notify-user", subscriptions)
    assert (opened[0][0], opened[0][1]["open"]) == ("inserted", False)
    assert (opened[-1][0], opened[-1][1]["open"], opened[-1][1]["unread"]) == ("updated", True, 1)
    payload = carla.events("stream-notify-user", notifications)[0][0]["payload"]
    assert (payload["rid"], payload["sender"]["username"]) == (room.id, "ana")


async def test_the_streams_for_everybody_tell_presence_names_roles_and_settings(
    ddp: Connect, server: RocketChatServer
) -> None:
    ana, workspace = await ddp("ana"), server.workspace
    for event in ("user-status", "Users:NameChanged", "roles-change"):
        assert (await ana.subscribe("stream-notify-logged", event))["msg"] == "ready"
    await ana.subscribe("stream-notify-all", "public-settings-changed")
    workspace.set_status("sam", "busy", "in a meeting")
    workspace.rename_user("sam", name="Sammy")
    workspace.give_role("sam", "rnd")
    workspace.set_setting("Message_MaxAllowedSize", 100)

    sam = workspace.user("sam")
    await eventually(lambda: ana.events("stream-notify-all", "public-settings-changed"))
    assert ana.events("stream-notify-logged", "user-status")[-1] == [
        [sam.id, "sam", 3, "in a meeting", "Sam Specialist", sam.roles[:2]]
    ]
    assert ana.events("stream-notify-logged", "Users:NameChanged")[0][0]["name"] == "Sammy"
    change = ana.events("stream-notify-logged", "roles-change")[0][0]
    assert (change["type"], change["_id"]) == ("added", workspace.get_role("rnd").id)
    assert ana.events("stream-notify-all", "public-settings-changed")[0] == [
        "updated",
        {"_id": "Message_MaxAllowedSize", "value": 100},
    ]


async def test_typing_is_told_for_oneself_only(ddp: Connect, server: RocketChatServer) -> None:
    ana, sam = await ddp("ana"), await ddp("sam")
    event = f"{server.workspace.room('support').id}/user-activity"
    await sam.subscribe("stream-notify-room", event)
    typed = await ana.method("stream-notify-room", event, "ana", ["user-typing"], {})
    assert "error" not in typed
    assert await eventually(lambda: sam.events("stream-notify-room", event)) == [
        ["ana", ["user-typing"], {}]
    ]
    forged = await ana.method("stream-notify-room", event, "sam", ["user-typing"], {})
    assert forged["error"]["error"] == "not-allowed"


async def test_close_messages_may_swap_but_none_is_lost(
    make_server: MakeServer, session: aiohttp.ClientSession
) -> None:
    server = await make_server(shuffle=Shuffle(rate=0.3, hold=0.003))
    client = await Ddp(session, server).connect("ana")
    await client.subscribe(MESSAGES, MINE)
    texts = [str(number) for number in range(60)]
    for text in texts:
        server.workspace.post("sam", "support", text)
    await eventually(lambda: len(client.mine()) == len(texts))
    seen = [one[0]["msg"] for one in client.mine()]
    await client.close()
    assert seen != texts
    assert sorted(seen) == sorted(texts)


async def test_without_shuffling_the_order_is_kept(ddp: Connect, server: RocketChatServer) -> None:
    ana = await listening(ddp, "ana")
    texts = [str(number) for number in range(60)]
    for text in texts:
        server.workspace.post("sam", "support", text)
    await eventually(lambda: [one[0]["msg"] for one in ana.mine()] == texts)


async def test_hidden_system_messages_are_not_sent(ddp: Connect, server: RocketChatServer) -> None:
    server.workspace.set_setting("Hide_System_Messages", ["uj"])
    ana = await listening(ddp, "ana")
    server.workspace.add_member("support", "carla")
    server.workspace.remove_member("support", "carla")
    await eventually(ana.mine)
    assert [one[0]["t"] for one in ana.mine()] == ["ul"]
