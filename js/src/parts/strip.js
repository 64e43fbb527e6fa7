/** Tokens as running text. */
import { diverging, fill, magnitude } from "./color.js";
import { el } from "./dom.js";
import { written } from "./text.js";

/** @typedef {import("../types.js").Token} Token */

// Longer texts scroll inside the figure, so that the detail line stays in sight, and change colour at once.
export const LONG = 500;

/**
 * Tokens that can be pointed at and coloured.
 * @param {Token[]} tokens
 * @param {{nInput: number, signed: boolean, label: string, twoSided?: boolean}} options `twoSided`: what was written is a text
 *   of its own and begins a line
 * @returns {import("../types.js").Drawn}
 */
export function strip(tokens, { nInput, signed, label, twoSided = false }) {
  const texts = tokens.map((token) => written(token, { breaks: true }));
  const items = texts.map(({ nodes }, index) =>
    el("span", { class: kinds(tokens[index], index, nInput), role: "option" }, ...nodes),
  );
  const scale = signed ? diverging : magnitude;
  const children = items.flatMap((item, index) => (twoSided && index === nInput ? [el("br", {}), item] : [item]));
  return {
    items,
    element: el("div", { class: tokens.length > LONG ? "text long" : "text", ...list(tokens, label) }, ...children),
    paint(index, value, theme) {
      for (const word of texts[index].words) fill(word, value === null ? null : scale(value, theme), theme);
    },
  };
}

/**
 * Roles of what holds tokens.
 * @param {Token[]} tokens
 * @param {string} label
 */
export function list(tokens, label) {
  return tokens.length ? { role: "listbox", "aria-label": label, "aria-orientation": "horizontal" } : {};
}

/**
 * The classes of a token.
 * @param {Token} token
 * @param {number} index
 * @param {number} nInput
 */
export function kinds(token, index, nInput) {
  const led = /^ +[^ ]/.test(token.text) ? " led" : "";
  return `t${led}${index >= nInput ? " out" : ""}${token.special ? " special" : ""}`;
}

/**
 * The tokens read around a position, as one text with a gap in it.
 * @param {import("../types.js").Around} around
 */
export function contextLine({ context, context_cut: cut, after = [], after_cut: afterCut }) {
  const texts = (/** @type {Token[]} */ tokens) =>
    tokens.map((token) => el("span", { class: kinds(token, 0, 1) }, ...written(token, { breaks: false }).nodes));
  return el(
    "div",
    { class: "text context" },
    cut ? (context[0]?.text.startsWith(" ") ? "\u2026" : "\u2026 ") : null,
    ...texts(context),
    el("span", { class: "gap" }),
    ...texts(after),
    afterCut ? " \u2026" : null,
  );
}

/**
 * Scrolls a long text to a token, never the page.
 * @param {HTMLElement} box
 * @param {HTMLElement | undefined} item
 */
export function center(box, item) {
  if (!item || box.scrollHeight <= box.clientHeight) return;
  box.scrollTop += item.getBoundingClientRect().top - box.getBoundingClientRect().top - (box.clientHeight * 2) / 3;
}
