/** What a person does in rooms: lines, commands, edits, reactions, files. */

import { splitCommand } from "../text/slash.js";
import { newId, toDraft, toMessage, toNotice } from "./message.js";
import { Refused } from "./rest.js";

const UNRECOGNIZED = "Message_AllowUnrecognizedSlashCommand";

export class Writing {
  #rest;
  #author;
  #open;
  #changed;
  #turn = Promise.resolve();

  /**
   * `author()` is who writes, `open(name)` shows a room, `changed()` is called when there is
   * something to show. What fails is told in the room; nothing here throws.
   */
  constructor({ rest, author, open, changed }) {
    this.#rest = rest;
    this.#author = author;
    this.#open = open;
    this.#changed = changed;
    // The registered slash commands.
    this.commands = new Set();
  }

  /** Type a line and press enter; a slash at its beginning is the client's to handle. */
  async say(room, text, threadId) {
    const line = text.trim();
    const command = splitCommand(line);
    if (command && !(await this.#isToBePosted(command, room, threadId))) return;
    await this.#post(room, newId(), line, threadId);
  }

  async #isToBePosted({ word, params }, room, threadId) {
    try {
      if (this.commands.has(word)) {
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
      await this.#open(params.trim().replace(/^[#@]/, ""));
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
    const draft = { id, room, text, threadId, author: this.#author() };
    room.put(toDraft(draft));
    // Who writes has read.
    room.newFrom = Infinity;
    this.#changed();
    try {
      const message = { _id: id, rid: room.id, msg: text, ...(threadId ? { tmid: threadId } : {}) };
      room.put(toMessage(await this.#inTurn(() => this.#deliver(message))));
    } catch (error) {
      room.put(toDraft({ ...draft, state: "failed", problem: error.message }));
    }
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
      if (found?.message?.u?._id !== this.#author().id) throw error;
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
    const shouldReact = !mine.includes(this.#author().username);
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

  /** Return the content of a file in a message; null if it cannot be had. */
  async download(room, path) {
    let content = null;
    await this.#attempt(room, undefined, async () => {
      content = await this.#rest.download(path);
    });
    return content;
  }

  async #attempt(room, threadId, action) {
    try {
      await action();
    } catch (error) {
      this.#tell(room, error.message, threadId);
    }
    this.#changed();
  }
}
