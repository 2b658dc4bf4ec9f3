/** A message as the page keeps it, whichever way it came. */

const ID_LETTERS = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz";
const ID_LENGTH = 17;

/** Return an identifier like the server's own. */
export function newId() {
  const numbers = crypto.getRandomValues(new Uint32Array(ID_LENGTH));
  return Array.from(numbers, (one) => ID_LETTERS[one % ID_LETTERS.length]).join("");
}

/** Return milliseconds; REST sends ISO texts, DDP {"$date": ms}. */
export function moment(value) {
  if (value == null) return null;
  return typeof value === "object" ? Number(value.$date) : Date.parse(value);
}

/** Return a message from the server's document. */
export function toMessage(document) {
  return Object.freeze({
    id: document._id,
    roomId: document.rid,
    text: document.msg ?? "",
    at: moment(document.ts) ?? Date.now(),
    updatedAt: moment(document._updatedAt) ?? 0,
    author: { id: document.u?._id, username: document.u?.username ?? "", name: document.u?.name },
    alias: document.alias,
    type: document.t === "e2e" ? undefined : document.t,
    encrypted: document.t === "e2e",
    threadId: document.tmid,
    inChannel: !document.tmid || document.tshow === true,
    replyCount: document.tcount ?? 0,
    followers: document.replies ?? [],
    reactions: Object.entries(document.reactions ?? {}).map(([key, { usernames }]) => ({
      name: key.replaceAll(":", ""),
      usernames: usernames ?? [],
    })),
    editedAt: moment(document.editedAt),
    attachments: document.attachments ?? [],
    onlyYou: document.private === true,
    state: "sent",
    problem: "",
  });
}

/** Return a message of one's own that is on its way; `state` is "sending" or "failed". */
export function toDraft({ id, room, text, threadId, author, state = "sending", problem = "" }) {
  return Object.freeze({
    ...toMessage({ _id: id, rid: room.id, msg: text, tmid: threadId, u: { _id: author.id, ...author } }),
    state,
    problem,
  });
}

/** Return a line that this page shows one person, and the server knows nothing of. */
export function toNotice(room, text, threadId) {
  return Object.freeze({
    ...toMessage({ _id: newId(), rid: room.id, msg: text, tmid: threadId, private: true }),
    author: { username: "", name: "This page" },
  });
}
