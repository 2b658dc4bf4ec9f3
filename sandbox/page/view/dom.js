/** Making and updating elements. Texts become text nodes; nothing here reads markup. */

/**
 * Return an element. Attributes by name; `on` holds listeners, `class` the classes; null, false
 * and undefined leave an attribute out. Children are nodes or texts.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return element;
}

export function button(label, onClick, attributes = {}) {
  return el("button", { type: "button", ...attributes, on: { click: onClick } }, label);
}

/** A list of elements that rebuilds only those whose stamp has changed, and keeps the focus. */
export class KeyedList {
  #kept = new Map();

  constructor(parent) {
    this.parent = parent;
  }

  /** Show the items, each {key, stamp, build}, in this order. */
  update(items) {
    const focus = document.activeElement?.dataset?.key;
    const focusIsHere = focus && this.parent.contains(document.activeElement);
    const kept = new Map();
    let before = this.parent.firstChild;
    for (const { key, stamp, build } of items) {
      const old = this.#kept.get(key);
      const node = old?.stamp === stamp ? old.node : build();
      kept.set(key, { stamp, node });
      if (node === before) before = before.nextSibling;
      else this.parent.insertBefore(node, before);
    }
    const shown = new Set([...kept.values()].map((one) => one.node));
    for (const node of [...this.parent.childNodes]) if (!shown.has(node)) node.remove();
    this.#kept = kept;
    if (focusIsHere && document.activeElement?.dataset?.key !== focus) {
      this.parent.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    }
  }
}
