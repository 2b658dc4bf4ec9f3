/** One DDP connection: login and subscriptions, nothing else. It does not come back by itself. */

import { Refused, Unreachable } from "./rest.js";

const ANSWER_WITHIN = 10_000;
// The server pings after 30 s of silence; if nothing is heard for longer, we ask, then give up.
const SILENCE = 45_000;
const PATIENCE = 15_000;

export class Realtime {
  #socket;
  #waiting = new Map();
  #number = 0;
  #onEvent;
  #watch;
  #closed;

  /** `onEvent(collection, event, args)` is called for each event of a stream. */
  constructor({ url, onEvent }) {
    this.#onEvent = onEvent;
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => this.#take(data);
    this.#closed = new Promise((done) => {
      this.#socket.onclose = () => {
        clearTimeout(this.#watch);
        for (const { reject } of this.#waiting.values()) {
          reject(new Unreachable("The connection was lost."));
        }
        this.#waiting.clear();
        done();
      };
    });
  }

  /** Resolves when the connection has ended, however it did. */
  get closed() {
    return this.#closed;
  }

  /** Shake hands. */
  async connect() {
    const opened = this.#expect("connected");
    this.#socket.onopen = () => this.#send({ msg: "connect", version: "1", support: ["1"] });
    await opened;
    this.#listenForSilence();
  }

  /** Log in with a token of the REST login. */
  login(token) {
    const id = this.#next();
    const answer = this.#expect(id);
    this.#send({ msg: "method", method: "login", id, params: [{ resume: token }] });
    return answer;
  }

  /** Listen to an event of a stream; resolves when the server has agreed. */
  subscribe(collection, event) {
    const id = this.#next();
    const answer = this.#expect(id);
    this.#send({ msg: "sub", id, name: collection, params: [event, false] });
    return answer;
  }

  close() {
    this.#socket.close();
  }

  #next() {
    this.#number += 1;
    return String(this.#number);
  }

  #send(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #expect(key) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.close(), ANSWER_WITHIN);
      const settle = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      this.#waiting.set(key, { resolve: settle(resolve), reject: settle(reject) });
      if (this.#socket.readyState > WebSocket.OPEN) {
        settle(reject)(new Unreachable("The connection was lost."));
      }
    });
  }

  #answer(key, error, value) {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    this.#waiting.delete(key);
    if (error) waiting.reject(new Refused(Number(error.error) || 0, { error: error.reason }));
    else waiting.resolve(value);
  }

  #take(data) {
    this.#listenForSilence();
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (Array.isArray(frame)) frame = frame[0];
    switch (frame?.msg) {
      case "ping":
        this.#send({ msg: "pong", ...(frame.id === undefined ? {} : { id: frame.id }) });
        break;
      case "connected":
        this.#answer("connected");
        break;
      case "failed":
        this.close();
        break;
      case "result":
        this.#answer(frame.id, frame.error, frame.result);
        break;
      case "ready":
        for (const id of frame.subs ?? []) this.#answer(id);
        break;
      case "nosub":
        this.#answer(frame.id, frame.error ?? { reason: "Not allowed" });
        break;
      case "changed":
        this.#onEvent(frame.collection, frame.fields?.eventName, frame.fields?.args ?? []);
        break;
      default:
    }
  }

  #listenForSilence() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      this.#send({ msg: "ping" });
      this.#watch = setTimeout(() => this.close(), PATIENCE);
    }, SILENCE);
  }
}
