/**
 * Rocket.Chat's markdown as a tree of plain objects. Nothing here makes HTML: whoever shows the
 * tree puts texts into text nodes, so that nothing typed can become markup.
 *
 * Blocks: {block: "paragraph"|"heading"|"quote"|"list"|"fence", …}
 * Inline: {kind: "text"|"break"|"bold"|"italic"|"strike"|"code"|"link"|"user"|"room"|"emoji"|"time", …}
 */

const ESCAPABLE = "*_~`#.";
const STYLES = { "*": "bold", _: "italic", "~": "strike" };
const DEEPEST_QUOTE = 4;

const HEADING = /^(#{1,4}) +(\S.*)$/;
const QUOTE = /^> ?(.*)$/;
const ITEM = /^ *- (?:\[([ xX])\] )?(.*)$/;
const NUMBERED = /^ *(\d{1,9})\. (.*)$/;
const FENCE = /^```/;

const LINK = /\[([^\]\n]{1,500})\]\((https?:\/\/[^\s()<>]{1,2000})\)/y;
const NAMED_LINK = /<(https?:\/\/[^|>\s]{1,2000})\|([^>\n]{1,500})>/y;
const ADDRESS = /https?:\/\/[^\s<>"'`]{1,2000}/y;
const MOMENT = /<t:(\d{1,11})(?::([tTdDfFR]))?>/y;
const EMOJI = /:([a-z0-9_+-]{1,40}):/y;
const USER = /@([0-9a-zA-Z._-]+)/y;
const ROOM = /#([0-9a-zA-Z._-]+)/y;

/** Return the blocks of a message's text. */
export function parse(text, depth = 0) {
  const lines = String(text).replace(/\r\n?/g, "\n").split("\n");
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = readBlock(lines, at, depth);
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

/** Return the address if a click may go there, else null. */
export function safeAddress(address) {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

function readBlock(lines, at, depth) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  const fence = readFence(lines, at);
  if (fence) return fence;
  const heading = HEADING.exec(line);
  if (heading) {
    return [{ block: "heading", level: heading[1].length, children: inline(heading[2]) }, at + 1];
  }
  if (QUOTE.test(line) && depth < DEEPEST_QUOTE) {
    const [inner, next] = take(lines, at, (one) => QUOTE.exec(one)?.[1]);
    return [{ block: "quote", children: parse(inner.join("\n"), depth + 1) }, next];
  }
  if (ITEM.test(line)) return readList(lines, at, ITEM, false);
  if (NUMBERED.test(line)) return readList(lines, at, NUMBERED, true);
  return readParagraph(lines, at, depth);
}

function readFence(lines, at) {
  if (!FENCE.test(lines[at])) return null;
  const rest = lines[at].slice(3);
  const here = rest.indexOf("```");
  if (here > 0 && !rest.slice(here + 3).trim()) {
    return [{ block: "fence", text: rest.slice(0, here) }, at + 1];
  }
  // Without an end it is no fence but text.
  const end = lines.findIndex((line, number) => number > at && line.trimEnd().endsWith("```"));
  if (end < 0) return null;
  const last = lines[end].trimEnd().slice(0, -3);
  const body = [...lines.slice(at + 1, end), ...(last ? [last] : [])];
  // What follows the opening marks is the language, unless it is several words.
  if (rest.trim().includes(" ")) body.unshift(rest);
  return [{ block: "fence", text: body.join("\n") }, end + 1];
}

function readList(lines, at, pattern, ordered) {
  const [found, next] = take(lines, at, (line) => pattern.exec(line) ?? undefined);
  const items = found.map((match) => ({
    checked: ordered || match[1] === undefined ? null : match[1] !== " ",
    children: inline(match[2]),
  }));
  return [{ block: "list", ordered, start: ordered ? Number(found[0][1]) : 1, items }, next];
}

function readParagraph(lines, at, depth) {
  const isText = (line, number) =>
    number === at ||
    !(
      !line.trim() ||
      HEADING.test(line) ||
      (QUOTE.test(line) && depth < DEEPEST_QUOTE) ||
      ITEM.test(line) ||
      NUMBERED.test(line) ||
      (FENCE.test(line) && readFence(lines, number))
    );
  let next = at;
  while (next < lines.length && isText(lines[next], next)) next += 1;
  const children = lines
    .slice(at, next)
    .flatMap((line, number) => [...(number ? [{ kind: "break" }] : []), ...inline(line)]);
  return [{ block: "paragraph", children }, next];
}

function take(lines, at, read) {
  const found = [];
  let next = at;
  for (; next < lines.length; next += 1) {
    const one = read(lines[next]);
    if (one === undefined) break;
    found.push(one);
  }
  return [found, next];
}

/** Return the inline nodes of one line; `within` are the styles it stands in already. */
export function inline(text, within = "") {
  const nodes = [];
  let plain = "";
  let at = 0;
  const push = (node, length) => {
    if (plain) nodes.push({ kind: "text", text: plain });
    plain = "";
    nodes.push(node);
    at += length;
  };
  while (at < text.length) {
    const letter = text[at];
    if (letter === "\\" && at + 1 < text.length && ESCAPABLE.includes(text[at + 1])) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const [node, length] = readInline(text, at, within) ?? [];
    if (node) {
      push(node, length);
    } else {
      plain += letter;
      at += 1;
    }
  }
  if (plain) nodes.push({ kind: "text", text: plain });
  return nodes;
}

function readInline(text, at, within) {
  switch (text[at]) {
    case "`":
      return readCode(text, at);
    case "*":
    case "_":
    case "~":
      return readStyle(text, at, within);
    case "[":
      return readLink(LINK, text, at, 2, 1, within);
    case "<":
      return readLink(NAMED_LINK, text, at, 1, 2, within) ?? readMoment(text, at);
    case "h":
      return isBoundary(text, at) && !within.includes("a") ? readAddress(text, at) : null;
    case "@":
      return isBoundary(text, at) ? readName(USER, "user", text, at) : null;
    case "#":
      return isBoundary(text, at) ? readName(ROOM, "room", text, at) : null;
    case ":":
      return readName(EMOJI, "emoji", text, at);
    default:
      return null;
  }
}

function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function isBoundary(text, at) {
  return at === 0 || /[\s>(*_~"'[]/.test(text[at - 1]);
}

function isWord(letter) {
  return letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
}

function readCode(text, at) {
  const marks = text.startsWith("```", at) ? "```" : "`";
  const end = text.indexOf(marks, at + marks.length);
  if (end <= at + marks.length) return null;
  return [{ kind: "code", text: text.slice(at + marks.length, end) }, end + marks.length - at];
}

function readStyle(text, at, within) {
  const mark = text[at];
  const marks = text[at + 1] === mark ? mark + mark : mark;
  const from = at + marks.length;
  // Not inside itself, so that nesting ends; an underscore inside a word belongs to the word.
  if (within.includes(mark)) return null;
  if (from >= text.length || /\s/.test(text[from])) return null;
  if (mark === "_" && isWord(text[at - 1])) return null;
  const end = findEnd(text, from, marks);
  if (end < 0) return null;
  const children = inline(text.slice(from, end), within + mark);
  return [{ kind: STYLES[mark], children }, end + marks.length - at];
}

function findEnd(text, from, marks) {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\" && ESCAPABLE.includes(text[at + 1])) {
      at += 1;
    } else if (text[at] === "`" && marks !== "`") {
      const code = readCode(text, at);
      if (code) at += code[1] - 1;
    } else if (
      at > from &&
      text.startsWith(marks, at) &&
      !/\s/.test(text[at - 1]) &&
      !(marks[0] === "_" && isWord(text[at + marks.length]))
    ) {
      return at;
    }
  }
  return -1;
}

function readLink(pattern, text, at, address, label, within) {
  const found = within.includes("a") ? null : match(pattern, text, at);
  const url = found && safeAddress(found[address]);
  if (!url) return null;
  return [{ kind: "link", url, children: inline(found[label], `${within}a`) }, found[0].length];
}

function readAddress(text, at) {
  const found = match(ADDRESS, text, at);
  if (!found) return null;
  // A full stop or bracket at the end is the sentence's.
  const address = found[0].replace(/[.,;:!?)\]*~]+$/, "");
  const url = safeAddress(address);
  return url ? [{ kind: "link", url, children: [{ kind: "text", text: address }] }, address.length] : null;
}

function readName(pattern, kind, text, at) {
  const found = match(pattern, text, at);
  return found ? [{ kind, name: found[1], text: found[0] }, found[0].length] : null;
}

function readMoment(text, at) {
  const found = match(MOMENT, text, at);
  return found
    ? [{ kind: "time", at: Number(found[1]) * 1000, format: found[2] ?? "f" }, found[0].length]
    : null;
}
