/** The people as tabs; the arrow keys walk through them. */

import { el } from "./dom.js";
import { badge } from "./rooms.js";

const STATES = { online: "", connecting: "connecting", offline: "offline", refused: "not signed in" };

/** Where it is narrow, the style leaves the first name. */
function who({ name, role }) {
  const [first, ...rest] = name.split(" ");
  const others = rest.length ? el("span", { class: "last" }, ` ${rest.join(" ")}`) : null;
  return el(
    "span",
    { class: "who" },
    el("span", { class: "name" }, first, others),
    el("span", { class: "role" }, role ?? ""),
  );
}

export class Tabs {
  #tabs;

  /** `idOf(person)` is the panel's; `onSelect(number)` is called for a chosen tab. */
  constructor(element, people, { idOf, onSelect }) {
    this.#tabs = people.map((person, number) => {
      const extra = el("span", { class: "extra" });
      const tab = el(
        "button",
        {
          type: "button",
          role: "tab",
          class: "person",
          id: `${idOf(person)}-tab`,
          "aria-controls": idOf(person),
          on: { click: () => onSelect(number), keydown: (event) => this.#key(event, number, onSelect) },
        },
        who(person.who),
        extra,
      );
      return { person, tab, extra, stamp: "" };
    });
    element.append(...this.#tabs.map((one) => one.tab));
  }

  update(active) {
    for (const [number, one] of this.#tabs.entries()) {
      const { person, tab, extra } = one;
      const isActive = number === active;
      const stamp = `${isActive} ${person.unread} ${person.state}`;
      if (stamp === one.stamp) continue;
      one.stamp = stamp;
      tab.setAttribute("aria-selected", String(isActive));
      tab.tabIndex = isActive ? 0 : -1;
      tab.classList.toggle("unread", person.unread > 0);
      const state = STATES[person.state];
      extra.replaceChildren(...[state ? el("span", { class: "state" }, state) : null, badge(person.unread)].filter(Boolean));
    }
  }

  /** Show that something new came for somebody. */
  light(person) {
    const one = this.#tabs.find((tab) => tab.person === person);
    one?.tab.classList.remove("lit");
    // Reading a size makes the browser start the animation anew.
    void one?.tab.offsetWidth;
    one?.tab.classList.add("lit");
  }

  #key(event, number, onSelect) {
    const last = this.#tabs.length - 1;
    const moves = {
      ArrowRight: number === last ? 0 : number + 1,
      ArrowLeft: number === 0 ? last : number - 1,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onSelect(to);
    this.#tabs[to].tab.focus();
  }

  /** Bring a tab into sight where not all of them fit. */
  reveal(active) {
    this.#tabs[active].tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
