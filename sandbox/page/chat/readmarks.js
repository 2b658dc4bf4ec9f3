/** Tells the server which rooms have been read, seldom enough for its limiter (10 a minute). */

const EVERY = 6_500;

export class ReadMarks {
  #send;
  #rooms = new Set();
  #lastAt = 0;
  #timer = null;

  constructor(send) {
    this.#send = send;
  }

  add(roomId) {
    this.#rooms.add(roomId);
    this.#timer ??= setTimeout(() => this.#next(), Math.max(0, this.#lastAt + EVERY - Date.now()));
  }

  #next() {
    this.#timer = null;
    this.#lastAt = Date.now();
    const [roomId] = this.#rooms;
    this.#rooms.delete(roomId);
    // If it fails, the room counts as unread after the next start of the page: no harm.
    this.#send(roomId).catch(() => {});
    for (const more of this.#rooms) {
      this.add(more);
      break;
    }
  }
}
