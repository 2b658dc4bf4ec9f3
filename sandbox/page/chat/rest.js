/** The server's REST interface, as one person uses it. */

/** The server said no; `message` is its reason. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.error || body.message || `The server answered ${status}.`);
    this.status = status;
    this.code = body.errorType;
  }
}

/** The server did not answer; whether it acted is not known. */
export class Unreachable extends Error {}

const TOO_MANY = 429;
const UNAVAILABLE = new Set([502, 503, 504]);
const LONGEST_WAIT = 65_000;
const TIMEOUT = 20_000;

export class Rest {
  #headers;
  #onWait;

  /** `address` is the one the limiter counts; `onWait(ms)` hears of each wait it imposes. */
  constructor({ address, onWait = () => {} }) {
    // The limiter counts by address. These people would sit at machines of their own.
    this.#headers = { "X-Forwarded-For": address };
    this.#onWait = onWait;
  }

  /** Send these credentials from now on. */
  signIn(userId, token) {
    Object.assign(this.#headers, { "X-User-Id": userId, "X-Auth-Token": token });
  }

  get(path, query = {}) {
    const text = new URLSearchParams(query).toString();
    return this.#call("GET", text ? `${path}?${text}` : path);
  }

  post(path, body) {
    return this.#call("POST", path, {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  /** Send a file as the part named `file`. */
  upload(path, file) {
    const body = new FormData();
    body.append("file", file, file.name);
    return this.#call("POST", path, { body });
  }

  /** Return the content of a file that only members of its room may read. */
  async download(path) {
    const answer = await this.#fetch(path, { headers: this.#headers });
    if (!answer.ok) throw new Refused(answer.status, {});
    return answer.blob();
  }

  async #call(method, path, { headers = {}, body } = {}) {
    for (;;) {
      const options = { method, headers: { ...this.#headers, ...headers }, body };
      const answer = await this.#fetch(`/api/v1/${path}`, options);
      if (answer.status !== TOO_MANY) return this.#read(answer);
      const wait = waitOf(answer);
      this.#onWait(wait);
      await new Promise((done) => setTimeout(done, wait));
    }
  }

  async #fetch(path, options) {
    try {
      return await fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT) });
    } catch {
      throw new Unreachable("The server does not answer.");
    }
  }

  async #read(answer) {
    let body;
    try {
      body = await answer.json();
    } catch {
      throw new Unreachable("The server's answer broke off.");
    }
    if (UNAVAILABLE.has(answer.status)) throw new Unreachable("The server is not available.");
    if (!answer.ok) throw new Refused(answer.status, body);
    return body;
  }
}

function waitOf(answer) {
  const reset = Number(answer.headers.get("X-RateLimit-Reset"));
  return Math.min(Math.max((reset || Date.now() + 5_000) - Date.now(), 500), LONGEST_WAIT);
}
