/** A room as one person has it: its messages, and what of them is unread. */

const byTime = (one, other) => one.at - other.at || (one.id < other.id ? -1 : 1);

export class Room {
  #messages = new Map();
  #sorted = null;

  /** `kind` is c (channel), p (private group) or d (direct). */
  constructor({ id, kind, name, title }) {
    this.id = id;
    this.kind = kind;
    this.name = name;
    this.title = title || name;
    this.unread = 0;
    this.readOnly = false;
    // Milliseconds: up to here it was seen; behind this the view draws the line "New".
    this.readUpTo = 0;
    this.newFrom = Infinity;
    this.history = "unknown";
    this.hasEarlier = false;
    // Counts changes, so that a view knows whether it is up to date.
    this.version = 0;
  }

  get label() {
    return this.kind === "d" ? this.title : `#${this.name}`;
  }

  has(id) {
    return this.#messages.has(id);
  }

  get(id) {
    return this.#messages.get(id);
  }

  /** Take in a message or a newer state of one. */
  put(message) {
    const known = this.#messages.get(message.id);
    // Events may overtake each other, and the news that it was sent the answer that was lost.
    if (known?.state === "sent" && (message.state !== "sent" || known.updatedAt > message.updatedAt)) {
      return;
    }
    this.#messages.set(message.id, message);
    this.#touch();
  }

  remove(id) {
    if (this.#messages.delete(id)) this.#touch();
  }

  /** Take in a page of the history; what it lacks of its time was deleted meanwhile. */
  putPage(messages, { complete }) {
    const ids = new Set(messages.map((one) => one.id));
    const oldest = complete ? 0 : Math.min(...messages.map((one) => one.at));
    const newest = Math.max(0, ...messages.map((one) => one.at));
    for (const one of this.#messages.values()) {
      const mustBeThere = one.state === "sent" && !one.onlyYou;
      if (mustBeThere && one.at > oldest && one.at < newest && !ids.has(one.id)) {
        this.#messages.delete(one.id);
      }
    }
    for (const one of messages) this.put(one);
    this.#touch();
  }

  /** All messages, oldest first. */
  all() {
    this.#sorted ??= [...this.#messages.values()].sort(byTime);
    return this.#sorted;
  }

  /** Those outside of threads, oldest first; also replies to what is not there any more. */
  main() {
    return this.all().filter((one) => one.inChannel || !this.#messages.has(one.threadId));
  }

  /** The replies in a thread, oldest first. */
  replies(id) {
    return this.all().filter((one) => one.threadId === id);
  }

  /** Threads of which replies are known but not the message they began with. */
  missingRoots() {
    const roots = new Set(this.all().map((one) => one.threadId).filter(Boolean));
    return [...roots].filter((id) => !this.#messages.has(id));
  }

  changed() {
    this.version += 1;
  }

  #touch() {
    this.#sorted = null;
    this.changed();
  }
}
