/** Where a person types: suggestions, the text, a file; also edits and answers in threads. */

import { fillIn } from "../text/slash.js";
import { button, el } from "./dom.js";

const TALLEST = 200;

export class Composer {
  #person;
  #placeholders;
  #drafts = new Map();
  #room = null;
  #thread = null;
  #editing = null;
  #text;
  #mode;
  #send;
  #file;

  constructor(person, placeholders) {
    this.#person = person;
    this.#placeholders = placeholders;
    this.#text = el("textarea", {
      rows: 1,
      enterkeyhint: "send",
      autocomplete: "off",
      on: { input: () => this.#grow(), keydown: (event) => this.#key(event) },
    });
    this.#mode = el("p", { class: "mode", hidden: true, role: "status" });
    this.#send = el("button", { type: "submit", class: "send" }, "Send");
    this.#file = el("input", { type: "file", hidden: true, tabindex: -1, on: { change: () => this.#attach() } });
    const attach = button("+", () => this.#file.click(), { class: "attach", "aria-label": "Send a file", title: "Send a file; the text becomes its caption" });
    const submit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    const form = el("form", { class: "entry", on: { submit } }, attach, this.#file, this.#text, this.#send);
    this.element = el("div", { class: "composer" }, this.#suggestions(), this.#mode, form);
  }

  focus() {
    this.#text.focus();
  }

  update() {
    const room = this.#person.current;
    if (room !== this.#room) this.#switchTo(room);
    const isOnline = this.#person.state === "online";
    const locked = !room || room.readOnly;
    this.#text.disabled = locked;
    this.#send.disabled = locked || !isOnline;
    this.#send.title = isOnline ? "" : "Not connected; your text stays here.";
    const name = room ? `Message ${room.label}` : "Choose a room";
    this.#text.placeholder = room?.readOnly ? `${room.label} is read-only` : name;
    this.#text.setAttribute("aria-label", name);
  }

  /** Change a message instead of writing one. */
  edit(message) {
    this.#editing = message;
    this.#thread = null;
    this.#put(message.text);
    this.#showMode("Editing your message");
  }

  /** Answer in the thread that begins with a message. */
  replyTo(root) {
    this.#stopEditing();
    this.#thread = root;
    this.#showMode(`In the thread of “${shorten(root.text)}”`);
    this.focus();
  }

  #switchTo(room) {
    if (this.#room && !this.#editing) this.#drafts.set(this.#room.id, this.#text.value);
    this.#room = room;
    this.#editing = null;
    this.#thread = null;
    this.#showMode("");
    this.#text.value = (room && this.#drafts.get(room.id)) ?? "";
    this.#grow();
  }

  #showMode(text) {
    this.#mode.hidden = !text;
    const leave = () => {
      this.#leave();
      this.focus();
    };
    this.#mode.replaceChildren(...(text ? [el("span", {}, text), button(this.#editing ? "Cancel" : "Leave thread", leave)] : []));
    this.#send.textContent = this.#editing ? "Save" : "Send";
  }

  #leave() {
    this.#stopEditing();
    this.#thread = null;
    this.#showMode("");
  }

  #stopEditing() {
    if (!this.#editing) return;
    this.#editing = null;
    this.#put("");
  }

  #put(text) {
    this.#text.value = text;
    this.#grow();
    this.focus();
    this.#text.setSelectionRange(text.length, text.length);
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${Math.min(this.#text.scrollHeight + 2, TALLEST)}px`;
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") {
      this.#leave();
    } else if (event.key === "ArrowUp" && !this.#text.value && !this.#editing) {
      const mine = this.#lastOfMine();
      if (mine) {
        event.preventDefault();
        this.edit(mine);
      }
    }
  }

  #lastOfMine() {
    const { username } = this.#person.who;
    return this.#room?.all().findLast((one) => one.author.username === username && one.state === "sent" && !one.type);
  }

  #submit() {
    const text = this.#text.value;
    if (!this.#room || !text.trim() || this.#send.disabled) return;
    const [room, thread, editing] = [this.#room, this.#thread, this.#editing];
    if (editing) {
      this.#leave();
      if (text.trim() !== editing.text) this.#person.writing.edit(room, editing, text);
    } else {
      this.#put("");
      this.#drafts.delete(room.id);
      this.#person.writing.say(room, text, thread?.id);
    }
  }

  #attach() {
    const [file] = this.#file.files;
    this.#file.value = "";
    if (!file || !this.#room) return;
    const caption = this.#text.value.trim();
    this.#put("");
    this.#person.writing.upload(this.#room, file, caption, this.#thread?.id);
  }

  #suggestions() {
    const all = (this.#person.who.suggestions ?? []).map((one) => {
      const { label, text } = typeof one === "string" ? { label: one, text: one } : one;
      return el("li", {}, button(label, () => this.#put(this.#filled(text)), { title: text }));
    });
    return el("ul", { class: "suggestions", "aria-label": "Lines to try", hidden: !all.length }, all);
  }

  /** What is in sight completes a suggestion: this room first, then the person's others. */
  #filled(text) {
    const rooms = [...this.#person.rooms.values()].filter((one) => one !== this.#room);
    const messages = [...(this.#room?.all() ?? []).toReversed()];
    for (const room of rooms) messages.push(...room.all().toReversed());
    return fillIn(text, this.#placeholders, messages.map((one) => one.text));
  }
}

function shorten(text) {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}
