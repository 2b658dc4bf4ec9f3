/** What the web client does with a line that begins with a slash. */

/**
 * Return {word, params} for a line that the client looks at as a command, else null.
 * The word is taken as written, case and all.
 */
export function splitCommand(line) {
  const found = /^\/(\S+)\s*([\s\S]*)$/.exec(line);
  return found ? { word: found[1], params: found[2] } : null;
}

/** Fill `{name}` in a suggestion with the latest thing of that kind in the texts, newest first. */
export function fillIn(suggestion, placeholders, texts) {
  return suggestion.replace(/\{(\w+)\}/g, (whole, name) => {
    const rule = placeholders[name];
    if (!rule) return whole;
    const pattern = new RegExp(rule.pattern, "g");
    for (const text of texts) {
      const last = [...text.matchAll(pattern)].at(-1);
      if (last) return last[1] ?? last[0];
    }
    return rule.default ?? whole;
  });
}
