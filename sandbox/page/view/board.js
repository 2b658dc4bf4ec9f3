/** The board of issues, in a frame: another server's page. */

import { button, el } from "./dom.js";

export class Board {
  #element;
  #toggle;
  #frame = null;
  #address;

  /** `address` is where the board is. */
  constructor(element, toggle, address) {
    this.#element = element;
    this.#toggle = toggle;
    this.#address = address;
    toggle.hidden = false;
    toggle.addEventListener("click", () => this.show(element.hidden));
  }

  get isOpen() {
    return !this.#element.hidden;
  }

  show(open) {
    this.#element.hidden = !open;
    this.#toggle.setAttribute("aria-expanded", String(open));
    if (open && !this.#frame) this.#load();
  }

  #load() {
    this.#frame = el("iframe", {
      title: "Jira board",
      src: this.#address,
      sandbox: "allow-scripts allow-forms allow-same-origin allow-popups",
    });
    const again = button("Reload", () => {
      this.#frame.src = this.#address;
    });
    const away = el("a", { href: this.#address, target: "_blank", rel: "noopener" }, "New tab");
    const title = el("h2", {}, "Jira board");
    this.#element.replaceChildren(el("header", {}, title, again, away), this.#frame);
  }
}
