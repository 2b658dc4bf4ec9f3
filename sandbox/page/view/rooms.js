/** The rooms of a person. */

import { button, el, KeyedList } from "./dom.js";

export class RoomList {
  #person;
  #bot;
  #others;
  #onOpen;
  #channels;
  #directs;
  #more;

  /** `others` are the usernames one may write to; `onOpen` is called when a room was chosen. */
  constructor(person, { bot, others, onOpen }) {
    this.#person = person;
    this.#bot = bot;
    this.#others = others;
    this.#onOpen = onOpen;
    const channels = el("ul", {});
    const directs = el("ul", {});
    const more = el("ul", {});
    this.#channels = new KeyedList(channels);
    this.#directs = new KeyedList(directs);
    this.#more = new KeyedList(more);
    this.element = el(
      "nav",
      { class: "rooms", "aria-label": `Rooms of ${person.who.name}` },
      el("h2", {}, "Channels"),
      channels,
      el("h2", {}, "Direct messages"),
      directs,
      el("details", { class: "somebody" }, el("summary", {}, "Message somebody"), more),
    );
  }

  update() {
    const rooms = [...this.#person.rooms.values()].sort((one, other) => one.label.localeCompare(other.label));
    const directs = rooms.filter((one) => one.kind === "d");
    this.#channels.update(rooms.filter((one) => one.kind !== "d").map((one) => this.#item(one)));
    const first = directs.filter((one) => one.name === this.#bot);
    const rest = directs.filter((one) => one.name !== this.#bot);
    const shortcut = this.#bot && !first.length ? [this.#shortcut(this.#bot, `Message ${this.#bot}`)] : [];
    this.#directs.update([...shortcut, ...[...first, ...rest].map((one) => this.#item(one))]);
    const known = new Set(directs.map((one) => one.name));
    const left = this.#others.filter((one) => !known.has(one));
    this.#more.update(left.map((one) => this.#shortcut(one, `@${one}`)));
    this.#more.parent.parentElement.hidden = !left.length;
  }

  #item(room) {
    const isCurrent = room === this.#person.current;
    const stamp = `${room.label} ${room.unread} ${isCurrent}`;
    const open = () => {
      this.#person.open(room);
      this.#onOpen();
    };
    const build = () =>
      el(
        "li",
        {},
        button([el("span", { class: "name" }, room.label), badge(room.unread)], open, {
          class: room.unread ? "room unread" : "room",
          "aria-current": isCurrent ? "true" : null,
          "data-key": room.id,
        }),
      );
    return { key: room.id, stamp, build };
  }

  #shortcut(username, label) {
    const open = async () => {
      this.#onOpen();
      await this.#person.openDirect(username);
    };
    const build = () => el("li", {}, button(label, open, { class: "room", "data-key": `to-${username}` }));
    return { key: `to-${username}`, stamp: label, build };
  }
}

/** Return a number of unread messages, or nothing for none. */
export function badge(count) {
  if (!count) return null;
  const shown = count > 99 ? "99+" : String(count);
  return el("span", { class: "badge" }, shown, el("span", { class: "hidden-text" }, " new"));
}
