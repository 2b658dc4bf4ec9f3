/** One message: author, time, text, files, reactions, and what can be done with it. */

import { emojiSign, QUICK } from "../text/emoji.js";
import { button, el } from "./dom.js";
import { clock, rich } from "./rich.js";
import { systemText } from "./system.js";

/**
 * Return the element of a message.
 *
 * `how`: me (username), follows (same author just before), menuOpen, editable, canReply, thread
 * (an element shown below, or null), actions {toggleMenu, reply, edit, react, sendAgain, discard,
 * download}.
 */
export function messageElement(message, how) {
  if (message.type) return systemElement(message);
  const mine = message.author.username === how.me;
  const classes = ["message", mine && "mine", how.follows && "follows", message.onlyYou && "only-you"];
  return el(
    "article",
    { class: classes.filter(Boolean).join(" "), "data-id": message.id, "aria-label": `${nameOf(message, mine)}` },
    how.follows ? null : header(message, mine),
    el(
      "div",
      { class: "line" },
      el("div", { class: "bubble" }, body(message, how)),
      message.state === "sent" && !message.onlyYou ? more(message, how) : null,
    ),
    message.state === "sent" ? null : delivery(message, how),
    how.menuOpen ? menu(message, how) : null,
    reactions(message, how),
    how.thread,
  );
}

function systemElement(message) {
  const name = message.author.name || message.author.username;
  return el("p", { class: "system" }, `${name} ${systemText(message)} `, el("span", { class: "faint" }, clock(message.at)));
}

function nameOf(message, mine) {
  const name = message.alias || message.author.name || message.author.username;
  return mine ? "You" : name;
}

function header(message, mine) {
  const { username } = message.author;
  return el(
    "header",
    {},
    el("span", { class: "author" }, nameOf(message, mine)),
    mine || !username ? null : el("span", { class: "faint" }, `@${username}`),
    el("span", { class: "faint" }, clock(message.at)),
    message.onlyYou ? el("span", { class: "tag" }, "Only you see this") : null,
  );
}

function body(message, how) {
  if (message.encrypted) return el("p", { class: "faint" }, "Encrypted; this page cannot read it.");
  const parts = [...rich(message.text, how.me), ...message.attachments.map((one) => attachment(one, how))];
  if (message.editedAt) parts.push(el("p", { class: "edited faint" }, "edited"));
  return parts.length ? parts : el("p", { class: "faint" }, "(empty)");
}

function attachment(one, how) {
  const file = one.type === "file" || one.title_link_download ? one.title_link : null;
  const fields = (one.fields ?? []).map(({ title, value }) => [el("dt", {}, String(title)), el("dd", {}, rich(String(value), how.me))]);
  return el(
    "div",
    { class: "attachment" },
    file
      ? button(`↓ ${one.title || "File"}`, () => how.actions.download(file, one.title), { class: "file", title: "Download" })
      : one.title && el("p", { class: "heading" }, one.title),
    one.description ? rich(one.description, how.me) : null,
    one.text ? rich(one.text, how.me) : null,
    fields.length ? el("dl", {}, fields) : null,
  );
}

function more(message, how) {
  const label = `Actions for the message of ${message.author.username}`;
  return button("⋯", how.actions.toggleMenu, {
    class: "more",
    "aria-label": label,
    "aria-expanded": how.menuOpen ? "true" : "false",
    "data-key": `more-${message.id}`,
  });
}

function menu(message, { me, canReply, editable, actions }) {
  const picks = QUICK.map((name) => {
    const on = reactedBy(message, name, me);
    return button(emojiSign(name), () => actions.react(name), {
      class: "pick",
      "aria-label": `React with ${name}`,
      "aria-pressed": on ? "true" : "false",
      "data-key": `pick-${message.id}-${name}`,
    });
  });
  return el(
    "div",
    { class: "menu", role: "group", "aria-label": "Actions" },
    canReply ? button("Reply in thread", actions.reply, { "data-key": `reply-${message.id}` }) : null,
    editable ? button("Edit", actions.edit, { "data-key": `edit-${message.id}` }) : null,
    el("span", { class: "picks" }, picks),
  );
}

function reactedBy(message, name, me) {
  return message.reactions.some((one) => one.name === name && one.usernames.includes(me));
}

function reactions(message, { me, actions }) {
  if (!message.reactions.length) return null;
  const all = message.reactions.map(({ name, usernames }) => {
    const on = usernames.includes(me);
    return button(`${emojiSign(name)} ${usernames.length}`, () => actions.react(name), {
      class: "reaction",
      title: `:${name}: ${usernames.join(", ")}`,
      "aria-label": `${name}: ${usernames.join(", ")}`,
      "aria-pressed": on ? "true" : "false",
      "data-key": `reaction-${message.id}-${name}`,
    });
  });
  return el("div", { class: "reactions" }, all);
}

function delivery(message, { actions }) {
  if (message.state === "sending") return el("p", { class: "delivery faint" }, "Sending…");
  return el(
    "p",
    { class: "delivery failed", role: "alert" },
    `Not sent: ${message.problem} `,
    button("Send again", actions.sendAgain),
    button("Discard", actions.discard),
  );
}
