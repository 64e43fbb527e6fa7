/** Tokens as boxes, each with its number and a bar. */
import { el } from "./dom.js";
import { kinds, LONG, list } from "./strip.js";
import { directionOf, written } from "./text.js";

/**
 * @param {import("../types.js").Token[]} tokens
 * @param {{nInput: number, signed: boolean, label: string, digits: number, twoSided?: boolean}} options `signed`: bars go up and
 *   down from the middle; `digits`: how long the longest number is,
 *   so that no box changes its width; `twoSided`: what was written begins a line
 * @returns {import("../types.js").Drawn}
 */
export function boxes(tokens, { nInput, signed, label, digits, twoSided = false }) {
  const bars = tokens.map(() => el("span", { class: "bar" }));
  const texts = tokens.map(() => document.createTextNode(""));
  const items = tokens.map((token, index) =>
    el(
      "div",
      { class: `${kinds(token, index, nInput)} box`, role: "option" },
      bars[index],
      name(token),
      el("span", { class: "number", style: `width:${digits}ch` }, texts[index]),
    ),
  );
  const children = items.flatMap((item, index) =>
    tokens[index].text.endsWith("\n") || (twoSided && index + 1 === nInput) ? [item, el("div", { class: "break" })] : [item],
  );
  return {
    items,
    element: el(
      "div",
      {
        class: `boxes${tokens.length > LONG ? " long" : ""}${signed ? " signed" : ""}`,
        dir: directionOf(tokens),
        ...list(tokens, label),
      },
      ...children,
    ),
    paint(index, value, _theme, text) {
      bars[index].style.transform = `scaleY(${Math.max(-1, Math.min(value ?? 0, 1)).toFixed(3)})`;
      bars[index].classList.toggle("away", value !== null && value < 0);
      if (texts[index].data !== text) texts[index].data = text;
    },
  };
}

/** @param {import("../types.js").Token} token */
function name(token) {
  const bare = { ...token, text: token.text.replace(/^ +(?=[^ ])/, "") };
  return el("bdi", { class: "name" }, ...written(bare, { breaks: false }).nodes);
}
