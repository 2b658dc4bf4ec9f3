/** Reads the messages of rooms, as the pages of their histories. */

import { toMessage } from "./message.js";
import { Refused } from "./rest.js";

// Every release has these; one endpoint for all kinds of rooms came later.
const HISTORIES = { c: "channels.history", p: "groups.history", d: "im.history" };
const PAGE = 50;
const WHOLE_THREAD = 100;

export class Histories {
  #rest;
  // Once each: a message that was deleted does not come back.
  #asked = new Set();

  constructor(rest) {
    this.#rest = rest;
  }

  /** Load the latest page; what was deleted meanwhile goes. */
  async load(room) {
    room.history = "loading";
    try {
      const messages = await this.#page(room, {});
      room.putPage(messages, { complete: !room.hasEarlier });
      room.history = "loaded";
      await this.loadRoots(room);
    } catch (error) {
      room.history = "unknown";
      throw error;
    }
  }

  /** Load what was before the oldest message shown. */
  async loadEarlier(room) {
    const oldest = room.all().find((one) => one.state === "sent" && !one.onlyYou);
    const latest = new Date(oldest?.at ?? Date.now()).toISOString();
    for (const one of await this.#page(room, { latest })) room.put(one);
    room.changed();
    await this.loadRoots(room);
  }

  async #page(room, more) {
    const query = { roomId: room.id, count: PAGE, showThreadMessages: true, ...more };
    const { messages } = await this.#rest.get(HISTORIES[room.kind], query);
    room.hasEarlier = messages.length === PAGE;
    return messages.map(toMessage);
  }

  /** Load the messages that known replies answer. */
  async loadRoots(room) {
    for (const id of room.missingRoots()) {
      if (this.#asked.has(id)) continue;
      this.#asked.add(id);
      try {
        const { message } = await this.#rest.get("chat.getMessage", { msgId: id });
        room.put(toMessage(message));
      } catch (error) {
        if (error instanceof Refused) continue;
        this.#asked.delete(id);
        throw error;
      }
    }
  }

  /** Load a whole thread, if the history held only its end. */
  async loadThread(room, root) {
    if (room.replies(root.id).length >= root.replyCount) return;
    const query = { tmid: root.id, count: WHOLE_THREAD };
    const { messages } = await this.#rest.get("chat.getThreadMessages", query);
    for (const one of messages) room.put(toMessage(one));
  }
}
