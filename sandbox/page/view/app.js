/** The whole page: who is looked at, and what of it fits on the screen. */

import { Board } from "./board.js";
import { Client } from "./client.js";
import { button } from "./dom.js";
import { badge } from "./rooms.js";
import { Tabs } from "./tabs.js";

// As in style.css.
const NARROW = "(max-width: 43.99rem)";
const WIDE = "(min-width: 70rem)";
const PANES = { rooms: "Rooms", chat: "Chat", board: "Jira board" };

export class App {
  #title;
  #people;
  #clients;
  #tabs;
  #board = null;
  #active = 0;
  #pane = "chat";
  #narrow = matchMedia(NARROW);
  #asked = false;
  #panes;

  constructor(config, people) {
    this.#people = people;
    this.#title = config.title || document.title;
    document.getElementById("title").textContent = this.#title;
    document.getElementById("starting").remove();
    this.#clients = people.map((person) => this.#client(config, person));
    const workspace = document.getElementById("workspace");
    workspace.prepend(...this.#clients.map((one) => one.element));
    const tabs = document.getElementById("people");
    this.#tabs = new Tabs(tabs, people, { idOf, onSelect: (number) => this.select(number) });
    if (config.board_url) this.#addBoard(config.board_url);
    this.#panes = this.#addPanes();
    this.#narrow.addEventListener("change", () => this.#showPane(this.#pane));
    document.addEventListener("visibilitychange", () => this.#look());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#showPane("chat");
    this.select(0);
  }

  #client(config, person) {
    const others = this.#people.map((one) => one.who.username).filter((one) => one !== person.who.username);
    person.addEventListener("change", () => this.#soon());
    person.addEventListener("news", () => this.#tabs.light(person));
    return new Client(person, {
      bot: config.bot,
      others,
      placeholders: config.placeholders ?? {},
      onOpen: () => this.#opened(),
      id: idOf(person),
    });
  }

  /** Look at somebody. */
  select(number) {
    this.#active = number;
    for (const [at, { element }] of this.#clients.entries()) element.hidden = at !== number;
    this.#tabs.reveal(number);
    this.#look();
    this.#soon();
  }

  /** From wherever one is, Escape leads to where one types. */
  #key({ key, target }) {
    if (key === "Escape" && !target.closest?.(".composer")) this.#clients[this.#active].composer.focus();
  }

  #opened() {
    this.#showPane("chat");
    if (!this.#narrow.matches) this.#clients[this.#active].composer.focus();
  }

  #addBoard(address) {
    const toggle = document.getElementById("board-toggle");
    this.#board = new Board(document.getElementById("board"), toggle, address);
    this.#board.show(matchMedia(WIDE).matches);
  }

  #addPanes() {
    const nav = document.getElementById("panes");
    const names = Object.keys(PANES).filter((one) => one !== "board" || this.#board);
    const buttons = new Map(names.map((one) => [one, button(PANES[one], () => this.#showPane(one))]));
    nav.append(...buttons.values());
    nav.hidden = false;
    return buttons;
  }

  #showPane(name) {
    this.#pane = name;
    document.body.dataset.pane = name;
    if (this.#narrow.matches) this.#board?.show(name === "board");
    for (const [one, element] of this.#panes ?? []) {
      if (one === name) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
    this.#look();
  }

  /** Only what is on the screen counts as read. */
  #look() {
    const isChatShown = !this.#narrow.matches || this.#pane === "chat";
    for (const [at, person] of this.#people.entries()) {
      person.attentive = at === this.#active && isChatShown;
      if (person.attentive) person.markRead();
    }
  }

  #soon() {
    if (this.#asked) return;
    this.#asked = true;
    // Not an animation frame: those do not come while the page is hidden.
    setTimeout(() => {
      this.#asked = false;
      this.#update();
    }, 0);
  }

  #update() {
    this.#tabs.update(this.#active);
    this.#clients[this.#active].update();
    const sum = this.#people.reduce((all, one) => all + one.unread, 0);
    document.title = sum ? `(${sum}) ${this.#title}` : this.#title;
    const here = this.#people[this.#active].unread;
    this.#panes.get("rooms").replaceChildren(PANES.rooms, badge(here) ?? "");
  }
}

function idOf(person) {
  return `client-${person.who.username}`;
}
