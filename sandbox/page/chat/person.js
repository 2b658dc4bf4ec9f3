/** One person at a client of their own: logged in, listening, with their rooms. */

import { Histories } from "./histories.js";
import { moment, toMessage, toNotice } from "./message.js";
import { ReadMarks } from "./readmarks.js";
import { Realtime } from "./realtime.js";
import { Refused, Rest, Unreachable } from "./rest.js";
import { Room } from "./room.js";
import { Writing } from "./writing.js";

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
  #marks;
  #histories;
  #wake = () => {};
  #roomsSoon;
  #watched = new Set();

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
    this.#histories = new Histories(this.#rest);
    this.writing = new Writing({
      rest: this.#rest,
      author: () => ({ id: this.userId, username: who.username, name: who.name }),
      open: (name) => this.#openNamed(name),
      changed: () => this.#changed(),
    });
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
    this.writing.commands = new Set(commands.map((one) => one.command));
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

  async #openNamed(name) {
    const isDirect = (one) => one.kind === "d" && one.name === name;
    const room = this.#named(name) ?? [...this.rooms.values()].find(isDirect);
    if (room) await this.open(room);
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
    await this.#histories.load(room);
    this.markRead();
    this.#changed();
  }

  /** Load what was before the oldest message shown. */
  async loadEarlier(room) {
    await this.#guard(() => this.#histories.loadEarlier(room));
    this.#changed();
  }

  /** Load a whole thread, if the history held only its end. */
  async loadThread(room, root) {
    await this.#guard(() => this.#histories.loadThread(room, root));
    this.#changed();
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
    if (room.missingRoots().length) this.#guard(() => this.#histories.loadRoots(room));
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

  /** Run something whose failure the state of the connection tells already. */
  async #guard(action) {
    try {
      await action();
    } catch (error) {
      if (error instanceof Unreachable) return;
      if (!(error instanceof Refused)) throw error;
      this.current?.put(toNotice(this.current, error.message));
      this.#changed();
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
