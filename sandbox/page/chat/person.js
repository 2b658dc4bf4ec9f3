/** One person at a client of their own: logged in, listening, with their rooms. */

import { splitCommand } from "../text/slash.js";
import { moment, newId, toDraft, toMessage, toNotice } from "./message.js";
import { ReadMarks } from "./readmarks.js";
import { Realtime } from "./realtime.js";
import { Refused, Rest, Unreachable } from "./rest.js";
import { Room } from "./room.js";

const UNRECOGNIZED = "Message_AllowUnrecognizedSlashCommand";
const HISTORIES = { c: "channels.history", p: "groups.history", d: "im.history" };
const PAGE = 50;
// A later change of a message one has not seen is no news: it may be very old.
const NEWS_WITHIN = 5_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
const AFTER_REFUSAL = 15_000;

/**
 * Events: "change" (something to show), "reconnect" (back after an outage), "news" (a message of
 * somebody else, in `detail.room`).
 */
export class Person extends EventTarget {
  #rest;
  #realtime = null;
  #token = null;
  #commands = new Set();
  #marks;
  #wake = () => {};
  #roomsSoon;
  #watched = new Set();
  #fetching = new Set();
  #turn = Promise.resolve();

  /** `who` is an entry of `people` in the page's configuration. */
  constructor(who, { address, url }) {
    super();
    this.who = who;
    this.userId = null;
    this.rooms = new Map();
    this.current = null;
    // Whether somebody looks at this person's conversation.
    this.attentive = false;
    this.state = "connecting";
    this.problem = "";
    this.retryAt = 0;
    this.waitUntil = 0;
    this.url = url;
    this.#rest = new Rest({ address, onWait: (wait) => this.#waits(wait) });
    this.#marks = new ReadMarks((rid) => this.#rest.post("subscriptions.read", { rid }));
  }

  get unread() {
    let sum = 0;
    for (const room of this.rooms.values()) sum += room.unread;
    return sum;
  }

  /** Connect, and come back after each outage, for as long as the page is open. */
  async run() {
    let failures = 0;
    for (;;) {
      const hadToken = Boolean(this.#token);
      try {
        await this.#connect();
        if (failures > 0) this.dispatchEvent(new Event("reconnect"));
        failures = 0;
        this.#set({ state: "online", problem: "" });
        await this.#realtime.closed;
        this.problem = "The connection was lost.";
      } catch (error) {
        this.problem = error.message;
        if (error instanceof Refused && hadToken) {
          // A server that has restarted does not know the token: begin again with the password.
          this.#forget();
          continue;
        }
        if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
        this.refused = error instanceof Refused;
      } finally {
        this.#realtime?.close();
        this.#realtime = null;
      }
      failures += 1;
      await this.#pause(this.refused ? AFTER_REFUSAL : pauseAfter(failures));
    }
  }

  /** Try to connect at once. */
  retryNow() {
    this.#wake();
  }

  // Connection

  async #connect() {
    this.refused = false;
    if (!this.#token) await this.#signIn();
    this.#watched.clear();
    const onEvent = (...event) => this.#hear(...event);
    this.#realtime = new Realtime({ url: this.url, onEvent });
    await this.#realtime.connect();
    await this.#realtime.login(this.#token);
    // First listen, then read, so that nothing falls between.
    await this.#realtime.subscribe("stream-room-messages", "__my_messages__");
    await this.#realtime.subscribe("stream-notify-user", `${this.userId}/message`);
    await this.#realtime.subscribe("stream-notify-user", `${this.userId}/subscriptions-changed`);
    await this.#loadRooms();
    for (const room of this.rooms.values()) room.history = "unknown";
    if (this.current) await this.#loadHistory(this.current);
    else await this.#openFirst();
  }

  async #signIn() {
    const { username, password } = this.who;
    const { data } = await this.#rest.post("login", { user: username, password });
    this.#rest.signIn(data.userId, data.authToken);
    if (data.userId !== this.userId) this.#forget();
    this.userId = data.userId;
    this.#token = data.authToken;
    const { commands } = await this.#rest.get("commands.list", { count: 0 });
    this.#commands = new Set(commands.map((one) => one.command));
  }

  #forget() {
    this.#token = null;
    this.rooms.clear();
    this.current = null;
  }

  async #pause(milliseconds) {
    this.retryAt = Date.now() + milliseconds;
    this.#set({ state: this.refused ? "refused" : "offline" });
    await new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  #waits(milliseconds) {
    this.waitUntil = Date.now() + milliseconds;
    this.#changed();
    setTimeout(() => this.#changed(), milliseconds + 50);
  }

  // Rooms

  async #openFirst() {
    const wanted = this.who.room ?? "";
    if (wanted.startsWith("@")) await this.openDirect(wanted.slice(1));
    if (this.current) return;
    const room = this.#named(wanted) ?? [...this.rooms.values()].find((one) => one.kind !== "d");
    if (room) await this.open(room);
  }

  #named(name) {
    return [...this.rooms.values()].find((one) => one.kind !== "d" && one.name === name);
  }

  /** The direct room with somebody, if there is one yet. */
  directWith(username) {
    return [...this.rooms.values()].find((one) => one.kind === "d" && one.name === username);
  }

  /** Show a room. */
  async open(room) {
    this.current = room;
    if (room.unread === 0) room.newFrom = Infinity;
    else if (room.newFrom === Infinity) room.newFrom = room.readUpTo;
    this.#changed();
    this.markRead();
    if (room.history === "unknown") await this.#guard(() => this.#loadHistory(room));
  }

  /** Show the direct room with somebody; makes it if there is none. */
  async openDirect(username) {
    await this.#guard(async () => {
      const { room: made } = await this.#rest.post("im.create", { username });
      const room =
        this.rooms.get(made._id) ?? new Room({ id: made._id, kind: "d", name: username, title: username });
      this.rooms.set(room.id, room);
      await this.open(room);
      this.#loadRoomsSoon();
    });
  }

  /** Note that what the open room shows has been seen. */
  markRead() {
    const room = this.current;
    if (!room || !this.#isSeen(room)) return;
    room.readUpTo = Math.max(room.readUpTo, room.all().at(-1)?.at ?? 0);
    if (room.unread === 0) return;
    room.unread = 0;
    this.#marks.add(room.id);
    this.#changed();
  }

  async #loadRooms() {
    const { update } = await this.#rest.get("subscriptions.get");
    const gone = new Set(this.rooms.keys());
    for (const one of update) {
      gone.delete(one.rid);
      this.#takeSubscription(one);
    }
    for (const id of gone) this.#dropRoom(id);
    this.#changed();
  }

  #loadRoomsSoon() {
    clearTimeout(this.#roomsSoon);
    this.#roomsSoon = setTimeout(() => this.#guard(() => this.#loadRooms()), 300);
  }

  #takeSubscription(one) {
    let room = this.rooms.get(one.rid);
    if (!room) {
      room = new Room({ id: one.rid, kind: one.t, name: one.name, title: one.fname });
      this.rooms.set(room.id, room);
    }
    room.name = one.name;
    room.title = one.fname || one.name;
    room.readOnly = one.ro === true;
    const lastRead = moment(one.ls) ?? 0;
    const last = moment(one.lm) ?? 0;
    const missed = one.alert || one.unread > 0;
    if (missed && last > Math.max(lastRead, room.readUpTo)) {
      room.unread = Math.max(room.unread, one.unread, 1);
    }
    room.readUpTo = Math.max(room.readUpTo, lastRead);
    this.#watchDeletions(room);
  }

  #watchDeletions(room) {
    if (!this.#realtime || this.#watched.has(room.id)) return;
    this.#watched.add(room.id);
    const event = `${room.id}/deleteMessage`;
    // Refused where one may not listen: then deletions show with the next look at the history.
    this.#realtime.subscribe("stream-notify-room", event).catch(() => {});
  }

  #dropRoom(id) {
    this.rooms.delete(id);
    if (this.current?.id === id) this.current = null;
  }

  // Histories

  async #loadHistory(room) {
    room.history = "loading";
    try {
      const messages = await this.#page(room, {});
      room.putPage(messages, { complete: !room.hasEarlier });
      room.history = "loaded";
      await this.#loadRoots(room);
    } catch (error) {
      room.history = "unknown";
      throw error;
    }
    this.markRead();
    this.#changed();
  }

  /** Load what was before the oldest message shown. */
  async loadEarlier(room) {
    await this.#guard(async () => {
      const oldest = room.all().find((one) => one.state === "sent" && !one.onlyYou);
      const latest = new Date(oldest?.at ?? Date.now()).toISOString();
      for (const one of await this.#page(room, { latest })) room.put(one);
      await this.#loadRoots(room);
      this.#changed();
    });
  }

  async #page(room, more) {
    const query = { roomId: room.id, count: PAGE, showThreadMessages: true, ...more };
    const { messages } = await this.#rest.get(HISTORIES[room.kind], query);
    room.hasEarlier = messages.length === PAGE;
    return messages.map(toMessage);
  }

  async #loadRoots(room) {
    for (const id of room.missingRoots()) {
      if (this.#fetching.has(id)) continue;
      this.#fetching.add(id);
      try {
        const { message } = await this.#rest.get("chat.getMessage", { msgId: id });
        room.put(toMessage(message));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
      } finally {
        this.#fetching.delete(id);
      }
    }
  }

  /** Load a whole thread, if the history held only its end. */
  async loadThread(room, root) {
    if (room.replies(root.id).length >= root.replyCount) return;
    await this.#guard(async () => {
      const query = { tmid: root.id, count: 100 };
      const { messages } = await this.#rest.get("chat.getThreadMessages", query);
      for (const one of messages) room.put(toMessage(one));
      this.#changed();
    });
  }

  // Events

  #hear(collection, event, args) {
    if (collection === "stream-room-messages" && event === "__my_messages__") {
      this.#hearMessage(args[0], args[1] ?? {});
    } else if (collection === "stream-notify-user" && event === `${this.userId}/message`) {
      this.#hearWhisper(args[0]);
    } else if (collection === "stream-notify-user" && event?.endsWith("/subscriptions-changed")) {
      this.#hearSubscription(args[0], args[1]);
    } else if (collection === "stream-notify-room" && event?.endsWith("/deleteMessage")) {
      this.rooms.get(event.split("/")[0])?.remove(args[0]?._id);
      this.#changed();
    }
  }

  #hearMessage(document, { roomParticipant, roomType, roomName }) {
    // Public channels are delivered to everybody, member or not.
    if (!document || roomParticipant === false) return;
    const message = toMessage(document);
    const room = this.rooms.get(message.roomId) ?? this.#discover(message, roomType, roomName);
    const isNews =
      !room.has(message.id) &&
      !message.type &&
      !message.editedAt &&
      message.author.id !== this.userId &&
      message.updatedAt - message.at < NEWS_WITHIN;
    room.put(message);
    if (isNews) this.#noteNews(room, message);
    if (room.missingRoots().length) this.#guard(() => this.#loadRoots(room));
    this.#changed();
  }

  #discover(message, kind = "d", name = message.author.username) {
    const room = new Room({ id: message.roomId, kind, name, title: message.author.name });
    this.rooms.set(room.id, room);
    this.#loadRoomsSoon();
    return room;
  }

  #noteNews(room, message) {
    if (room.unread === 0) room.newFrom = this.#isSeen(room) ? Infinity : message.at - 1;
    room.unread += 1;
    if (room === this.current) this.markRead();
    this.dispatchEvent(new CustomEvent("news", { detail: { room } }));
  }

  #isSeen(room) {
    return room === this.current && this.attentive && !document.hidden;
  }

  #hearWhisper(document) {
    const room = this.rooms.get(document?.rid);
    if (room) room.put(toMessage({ ...document, private: true }));
    this.#changed();
  }

  #hearSubscription(action, document) {
    if (!document) return;
    if (action === "removed") this.#loadRoomsSoon();
    else if (!this.rooms.has(document.rid)) this.#takeSubscription({ ...document, alert: false, unread: 0 });
    this.#changed();
  }

  // What the person does

  /** Type a line and press enter; a slash at its beginning is the client's to handle. */
  async say(room, text, threadId) {
    const line = text.trim();
    const command = splitCommand(line);
    if (command && !(await this.#isToBePosted(command, room, threadId))) return;
    await this.#post(room, newId(), line, threadId);
  }

  async #isToBePosted({ word, params }, room, threadId) {
    try {
      if (this.#commands.has(word)) {
        await this.#runCommand(word, params, room, threadId);
        return false;
      }
      const { settings } = await this.#rest.get("settings.public", { _id: UNRECOGNIZED });
      if (settings.some((one) => one._id === UNRECOGNIZED && one.value === true)) return true;
      this.#tell(room, `No such command: \`/${word}\``, threadId);
    } catch (error) {
      this.#tell(room, error.message, threadId);
    }
    return false;
  }

  async #runCommand(command, params, room, threadId) {
    if (command === "open") {
      const name = params.trim().replace(/^[#@]/, "");
      const found = this.#named(name) ?? this.directWith(name);
      if (found) await this.open(found);
      return;
    }
    const body = { command, params, roomId: room.id, ...(threadId ? { tmid: threadId } : {}) };
    await this.#rest.post("commands.run", body);
  }

  #tell(room, text, threadId) {
    room.put(toNotice(room, text, threadId));
    this.#changed();
  }

  async #post(room, id, text, threadId) {
    const author = { id: this.userId, username: this.who.username, name: this.who.name };
    const draft = { id, room, text, threadId, author };
    room.put(toDraft(draft));
    room.newFrom = Infinity;
    this.#changed();
    try {
      const message = { _id: id, rid: room.id, msg: text, ...(threadId ? { tmid: threadId } : {}) };
      room.put(toMessage(await this.#inTurn(() => this.#deliver(message))));
    } catch (error) {
      room.put(toDraft({ ...draft, state: "failed", problem: error.message }));
    }
    this.markRead();
    this.#changed();
  }

  /** What was typed first is sent first, also while the limiter makes us wait. */
  #inTurn(action) {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #deliver(message) {
    try {
      return (await this.#rest.post("chat.sendMessage", { message })).message;
    } catch (error) {
      // What a second delivery of the same message looks like: then the first arrived.
      const maybeThere = error instanceof Refused && error.status === 400 && !error.code;
      if (!maybeThere) throw error;
      const found = await this.#rest.get("chat.getMessage", { msgId: message._id }).catch(() => null);
      if (found?.message?.u?._id !== this.userId) throw error;
      return found.message;
    }
  }

  /** Send a message again that was not sent; the server keeps one. */
  sendAgain(room, message) {
    return this.#post(room, message.id, message.text, message.threadId);
  }

  /** Give up a message that was not sent. */
  discard(room, message) {
    room.remove(message.id);
    this.#changed();
  }

  /** Change the text of a message of one's own. */
  async edit(room, message, text) {
    await this.#attempt(room, message.threadId, async () => {
      const body = { roomId: room.id, msgId: message.id, text: text.trim() };
      const answer = await this.#rest.post("chat.update", body);
      if (answer.message) room.put(toMessage(answer.message));
    });
  }

  /** Put a reaction under a message, or take it away. */
  async react(room, message, name) {
    const mine = message.reactions.find((one) => one.name === name)?.usernames ?? [];
    const shouldReact = !mine.includes(this.who.username);
    const body = { messageId: message.id, emoji: `:${name}:`, shouldReact };
    await this.#attempt(room, message.threadId, () => this.#rest.post("chat.react", body));
  }

  /** Send a file with a caption. */
  async upload(room, file, caption, threadId) {
    await this.#attempt(room, threadId, async () => {
      const { file: stored } = await this.#rest.upload(`rooms.media/${room.id}`, file);
      const path = `rooms.mediaConfirm/${room.id}/${stored._id}`;
      const body = { ...(caption ? { description: caption } : {}), ...(threadId ? { tmid: threadId } : {}) };
      await this.#rest.post(path, body);
    });
  }

  download(path) {
    return this.#rest.download(path);
  }

  async #attempt(room, threadId, action) {
    try {
      await action();
    } catch (error) {
      this.#tell(room, error.message, threadId);
    }
    this.#changed();
  }

  /** Run something whose failure the state of the connection tells already. */
  async #guard(action) {
    try {
      await action();
    } catch (error) {
      if (error instanceof Unreachable) return;
      if (!(error instanceof Refused)) throw error;
      if (this.current) this.#tell(this.current, error.message);
    }
  }

  #set(values) {
    Object.assign(this, values);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function pauseAfter(failures) {
  const pause = Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE);
  return pause * (0.75 + Math.random() / 2);
}
