/** One person's client: rooms and conversation. */

import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { RoomList } from "./rooms.js";
import { Status } from "./status.js";
import { Timeline } from "./timeline.js";

export class Client {
  #parts;
  #title = el("h2");

  /** `onOpen` is called when a room was chosen. */
  constructor(person, { bot, others, placeholders, onOpen, id }) {
    const rooms = new RoomList(person, { bot, others, onOpen });
    const status = new Status(person);
    const composer = new Composer(person, placeholders);
    const timeline = new Timeline(person, composer);
    this.person = person;
    this.composer = composer;
    this.#parts = [rooms, status, timeline, composer];
    const chat = el(
      "section",
      { class: "chat", "aria-label": `Conversation of ${person.who.name}` },
      el("header", { class: "room-title" }, this.#title, el("p", { class: "faint" }, asWhom(person.who))),
      status.element,
      timeline.element,
      composer.element,
    );
    const attributes = { class: "client", role: "tabpanel", id, "aria-labelledby": `${id}-tab`, hidden: true };
    this.element = el("div", attributes, rooms.element, chat);
  }

  update() {
    const room = this.person.current;
    const label = room?.label ?? "No room";
    if (this.#title.textContent !== label) this.#title.textContent = label;
    for (const part of this.#parts) part.update();
  }
}

function asWhom({ name, role }) {
  return role ? `${name}, ${role}` : name;
}
