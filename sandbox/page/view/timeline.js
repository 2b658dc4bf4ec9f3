/** The conversation of a room, with its threads in place. */

import { button, el, KeyedList } from "./dom.js";
import { messageElement } from "./message.js";
import { clock } from "./rich.js";

const TOGETHER = 4 * 60_000;
const NEAR_THE_END = 80;

export class Timeline {
  #person;
  #composer;
  #list;
  #room = null;
  #menu = null;
  #threads = new Map();
  #atEnd = true;
  #top = 0;
  #shownVersion = "";

  constructor(person, composer) {
    this.#person = person;
    this.#composer = composer;
    const log = el("div", { class: "messages", role: "log", "aria-label": "Conversation" });
    this.#list = new KeyedList(log);
    this.scroller = el("div", { class: "scroller", tabindex: 0, "aria-label": "Conversation", on: { scroll: () => this.#noteScroll() } }, log);
    this.jump = button("New messages below ↓", () => this.toEnd(), { class: "jump", hidden: true });
    this.element = el("div", { class: "timeline" }, this.scroller, this.jump);
    new ResizeObserver(() => this.#keepPlace()).observe(this.scroller);
  }

  update() {
    const room = this.#person.current;
    if (room !== this.#room) {
      this.#room = room;
      this.#menu = null;
      this.#atEnd = true;
      this.#shownVersion = "";
    }
    if (!room) {
      this.#list.update([]);
      return;
    }
    const version = `${room.id} ${room.version} ${room.history} ${room.hasEarlier} ${room.newFrom} ${this.#menu} ${[...this.#threads].join()}`;
    if (version === this.#shownVersion) return;
    this.#shownVersion = version;
    this.#list.update(this.#items(room));
    if (this.#atEnd) this.toEnd();
    else this.jump.hidden = false;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#atEnd = true;
    this.jump.hidden = true;
  }

  /** After a phone's keyboard came, the composer grew, or another person was looked at. */
  #keepPlace() {
    if (this.#atEnd) this.toEnd();
    else this.scroller.scrollTop = this.#top;
  }

  #noteScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (!clientHeight) return;
    this.#top = scrollTop;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    if (this.#atEnd) this.jump.hidden = true;
  }

  #items(room) {
    const items = [this.#beginning(room)];
    let before = null;
    let marked = false;
    for (const message of room.main()) {
      if (!marked && message.at > room.newFrom && !this.#isMine(message)) {
        marked = true;
        before = null;
        items.push({ key: "new", stamp: "", build: () => el("p", { class: "divider" }, el("span", {}, "New")) });
      }
      items.push(this.#item(room, message, follows(before, message)));
      before = message;
    }
    return items;
  }

  #beginning(room) {
    const stamp = `${room.id} ${room.history} ${room.hasEarlier} ${room.main().length > 0}`;
    return { key: "beginning", stamp, build: () => this.#beginningElement(room) };
  }

  #beginningElement(room) {
    if (room.history !== "loaded") return el("p", { class: "beginning" }, "Loading…");
    if (room.hasEarlier) {
      return el("p", { class: "beginning" }, button("Earlier messages", () => this.#loadEarlier(room)));
    }
    const where = room.kind === "d" ? `your direct messages with ${room.title}` : room.label;
    const empty = room.main().length ? "" : " Nothing has been written yet.";
    return el("p", { class: "beginning" }, `This is the beginning of ${where}.${empty}`);
  }

  async #loadEarlier(room) {
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.#atEnd = false;
    await this.#person.loadEarlier(room);
    this.update();
    this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    this.jump.hidden = true;
  }

  #isMine(message) {
    return message.author.username === this.#person.who.username;
  }

  #item(room, message, isFollowing) {
    const replies = room.replies(message.id);
    const isOpen = this.#isThreadOpen(message, replies);
    const fresh = replies.filter((one) => one.at > room.newFrom && !this.#isMine(one)).length;
    const stamp = [
      stampOf(message),
      isFollowing,
      fresh,
      this.#menu === message.id,
      isOpen,
      ...replies.map((one) => stampOf(one) + (this.#menu === one.id)),
    ].join("|");
    const build = () =>
      this.#element(room, message, {
        follows: isFollowing,
        thread: message.threadId ? null : this.#threadElement(room, message, { replies, isOpen, fresh }),
      });
    return { key: message.id, stamp, build };
  }

  #element(room, message, { follows: isFollowing, thread }) {
    const person = this.#person;
    return messageElement(message, {
      me: person.who.username,
      follows: isFollowing,
      menuOpen: this.#menu === message.id,
      editable: this.#isMine(message),
      canReply: true,
      thread,
      actions: {
        toggleMenu: () => this.#toggleMenu(message),
        reply: () => this.reply(room, message),
        edit: () => this.#act(() => this.#composer.edit(message)),
        react: (name) => this.#act(() => person.writing.react(room, message, name)),
        sendAgain: () => person.writing.sendAgain(room, message),
        discard: () => person.writing.discard(room, message),
        download: (path, name) => this.#download(room, path, name),
      },
    });
  }

  #toggleMenu(message) {
    this.#menu = this.#menu === message.id ? null : message.id;
    this.update();
  }

  #act(action) {
    this.#menu = null;
    this.update();
    action();
  }

  /** Answer in the thread of a message. */
  reply(room, message) {
    const root = room.get(message.threadId) ?? message;
    this.#threads.set(root.id, true);
    this.#act(() => this.#composer.replyTo(root));
  }

  async #download(room, path, name) {
    const content = await this.#person.writing.download(room, path);
    if (!content) return;
    const address = URL.createObjectURL(content);
    el("a", { href: address, download: name || "file" }).click();
    URL.revokeObjectURL(address);
  }

  // Threads

  /** Those one has begun or taken part in are open, unless closed by hand. */
  #isThreadOpen(root, replies) {
    const chosen = this.#threads.get(root.id);
    if (chosen !== undefined) return chosen;
    if (!replies.length) return false;
    return this.#isMine(root) || replies.some((one) => this.#isMine(one));
  }

  #threadElement(room, root, { replies, isOpen, fresh }) {
    const count = Math.max(root.replyCount, replies.length);
    if (!count && !isOpen) return null;
    const inside = isOpen ? this.#replies(room, root, replies) : null;
    const label = `${count} ${count === 1 ? "reply" : "replies"}${fresh ? `, ${fresh} new` : ""}`;
    return el(
      "section",
      { class: "thread", "aria-label": "Thread" },
      count
        ? button([isOpen ? "▾ " : "▸ ", label, " ", lastOf(replies)], () => this.#toggleThread(room, root, isOpen), {
            class: "thread-toggle",
            "aria-expanded": isOpen ? "true" : "false",
            "data-key": `thread-${root.id}`,
          })
        : null,
      inside,
    );
  }

  #replies(room, root, replies) {
    let before = null;
    const elements = replies.map((one) => {
      const element = this.#element(room, one, { follows: follows(before, one), thread: null });
      before = one;
      return element;
    });
    const reply = button("Reply in thread", () => this.reply(room, root), {
      class: "quiet",
      "data-key": `answer-${root.id}`,
    });
    return el("div", { class: "replies" }, elements, reply);
  }

  #toggleThread(room, root, isOpen) {
    this.#threads.set(root.id, !isOpen);
    this.update();
    if (!isOpen) this.#person.loadThread(room, root);
  }
}

function follows(before, message) {
  return (
    before !== null &&
    !before.type &&
    !message.type &&
    before.author.username === message.author.username &&
    before.onlyYou === message.onlyYou &&
    message.at - before.at < TOGETHER
  );
}

function stampOf({ id, updatedAt, state, replyCount, reactions }) {
  const counts = reactions.map(({ name, usernames }) => `${name}${usernames.join()}`);
  return `${id} ${updatedAt} ${state} ${replyCount} ${counts.join()}`;
}

function lastOf(replies) {
  const last = replies.at(-1);
  return last ? el("span", { class: "faint" }, "last ", clock(last.at)) : null;
}
