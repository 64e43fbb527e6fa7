/** Tokens as boxes, each with its number and a bar. */
import { palette } from "./color.js";
import { el } from "./dom.js";
import { kinds, list } from "./strip.js";
import { visible, written } from "./text.js";

// Height of the longest bar, in pixels.
const TALL = 30;

/**
 * @param {import("../types.js").Token[]} tokens
 * @param {{nInput: number, label: string, numbers: (index: number) => string, digits: number}} options `numbers` is asked
 *   whenever a box is painted; `digits`, how long the longest is, so that no box changes its width
 * @returns {import("../types.js").Drawn}
 */
export function boxes(tokens, { nInput, label, numbers, digits }) {
  const bars = tokens.map(() => el("span", { class: "bar" }));
  const texts = tokens.map(() => el("span", { class: "number", style: `min-width:${digits}ch` }));
  const items = tokens.map((token, index) =>
    el("div", { class: `${kinds(token, index, nInput)} box`, role: "option" }, bars[index], name(token), texts[index]),
  );
  const children = items.flatMap((item, index) =>
    tokens[index].text.endsWith("\n") ? [item, el("div", { class: "break" })] : [item],
  );
  return {
    items,
    element: el("div", { class: "boxes", dir: "auto", ...list(tokens, label) }, ...children),
    paint(index, value, theme) {
      const { accent, away } = palette(theme);
      bars[index].style.height = `${value === null ? 0 : Math.min(Math.abs(value), 1) * TALL}px`;
      bars[index].style.backgroundColor = value !== null && value < 0 ? away : accent;
      texts[index].textContent = value === null ? "\u00a0" : numbers(index);
    },
  };
}

/** @param {import("../types.js").Token} token */
function name(token) {
  const bare = { ...token, text: token.text.replace(/^ +(?=[^ ])/, "") };
  return el("bdi", { class: "name", title: visible(token.text) }, ...written(bare, { breaks: false }).nodes);
}
