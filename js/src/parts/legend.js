/** The legend at a figure's right end: what the ends of the colour scale mean. */
import { diverging, magnitude } from "./color.js";
import { el } from "./dom.js";
import { score } from "./format.js";

/** @typedef {import("../types.js").Theme} Theme */

/**
 * A colour scale between two texts; the scale follows the theme.
 * @param {import("../types.js").Context} context
 * @param {{signed: boolean, low: string, high: string, digits?: number}} options `digits`: the longest text at an end, if it changes
 * @returns {{element: HTMLElement, set: (low: string, high: string) => void}}
 */
export function legend(context, { signed, low, high, digits = 0 }) {
  const [left, right] = [end("low", low, digits), end("high", high, digits)];
  const bar = el("span", { class: "ramp", "aria-hidden": "true" });
  context.onTheme((theme) => {
    bar.style.backgroundImage = `linear-gradient(90deg,${ramp(signed, theme).join()})`;
  });
  return {
    element: el("div", { class: "legend" }, left, " ", bar, " ", right),
    set(low, high) {
      left.textContent = low;
      right.textContent = high;
    },
  };
}

/**
 * The texts at the ends of a scale of scores.
 * @param {number} extent the largest absolute value
 * @param {import("../types.js").Unit} unit
 * @param {boolean} signed
 * @returns {[string, string]}
 */
export function ends(extent, unit, signed) {
  return [score(signed ? -extent : 0, unit, extent), score(extent, unit, extent)];
}

/**
 * @param {string} name class
 * @param {string} text
 * @param {number} digits
 */
function end(name, text, digits) {
  return el("span", { class: name, style: `min-width:${digits}ch` }, text);
}

/**
 * @param {boolean} signed
 * @param {Theme} theme
 */
function ramp(signed, theme) {
  return Array.from({ length: 9 }, (_, i) => (signed ? diverging(i / 4 - 1, theme) : magnitude(i / 8, theme)));
}
