/** Shows the tree of a text. */

import { emojiSign } from "../text/emoji.js";
import { parse } from "../text/markdown.js";
import { el } from "./dom.js";

const TAGS = { bold: "strong", italic: "em", strike: "s" };
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "medium", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/** Return nodes for a text in Rocket.Chat's markdown; `me` is the username to point out. */
export function rich(text, me) {
  return parse(text).map((one) => block(one, me));
}

function block(one, me) {
  switch (one.block) {
    case "heading":
      return el("p", { class: `heading heading-${one.level}`, role: "heading", "aria-level": one.level + 2 }, nodes(one.children, me));
    case "quote":
      return el("blockquote", {}, one.children.map((inner) => block(inner, me)));
    case "fence":
      return el("pre", { tabindex: 0 }, el("code", {}, one.text));
    case "list":
      return list(one, me);
    default:
      return el("p", {}, nodes(one.children, me));
  }
}

function list({ ordered, start, items }, me) {
  const rows = items.map(({ checked, children }) =>
    el(
      "li",
      { class: checked === null ? null : "task" },
      checked === null ? null : el("span", { role: "img", "aria-label": checked ? "done" : "open" }, checked ? "☑ " : "☐ "),
      nodes(children, me),
    ),
  );
  return ordered ? el("ol", { start }, rows) : el("ul", {}, rows);
}

function nodes(children, me) {
  return children.map((one) => inline(one, me));
}

function inline(one, me) {
  switch (one.kind) {
    case "text":
      return one.text;
    case "break":
      return el("br");
    case "code":
      return el("code", {}, one.text);
    case "link":
      return el("a", { href: one.url, title: one.url, target: "_blank", rel: "noopener noreferrer nofollow" }, nodes(one.children, me));
    case "user":
      return el("span", { class: one.name === me ? "mention mention-me" : "mention" }, one.text);
    case "room":
      return el("span", { class: "mention" }, one.text);
    case "emoji":
      return emojiSign(one.name);
    case "time":
      return time(one);
    default:
      return el(TAGS[one.kind], {}, nodes(one.children, me));
  }
}

function time({ at, format }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const style = STYLES[format] ?? STYLES.f;
  return el("time", { datetime: date.toISOString() }, date.toLocaleString(undefined, style));
}

/** Return a clock time for today, with the date for any other day. */
export function clock(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return el("time", { datetime: date.toISOString() }, date.toLocaleString(undefined, style));
}
