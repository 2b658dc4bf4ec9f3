/** How the connection is, in words. */

import { button, el } from "./dom.js";

export class Status {
  #person;
  #text = el("span");
  #retry;

  constructor(person) {
    this.#person = person;
    this.#retry = button("Try now", () => person.retryNow());
    this.element = el("p", { class: "status", role: "status", hidden: true }, this.#text, this.#retry);
  }

  update() {
    const { state, retryAt, waitUntil, problem } = this.#person;
    const waits = state === "online" && waitUntil > Date.now();
    const isOffline = state === "offline" || state === "refused";
    this.element.hidden = state === "online" && !waits;
    this.element.classList.toggle("bad", isOffline);
    this.#retry.hidden = !isOffline;
    this.#say(textOf({ state, problem, waits }));
    const until = isOffline ? retryAt : waits ? waitUntil : 0;
    this.element.title = until ? `Next attempt at ${new Date(until).toLocaleTimeString()}` : "";
  }

  #say(text) {
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}

function textOf({ state, problem, waits }) {
  if (state === "refused") return `Cannot sign in: ${problem}`;
  if (state === "offline") return `Offline. ${problem} It is tried again by itself.`;
  if (state === "connecting") return "Connecting…";
  return waits ? "The server limits how often one may ask; it goes on by itself in a moment." : "";
}
