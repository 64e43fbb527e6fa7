/** Single neurons: what each added to a logit, and the words that it raised and lowered most. */
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { frame } from "../parts/frame.js";
import { hands } from "../parts/hands.js";
import { contextLine } from "../parts/strip.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").NeuronsPayload} Payload */

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} _context
 */
export function neurons(payload, _context) {
  const values = payload.neurons.map(({ value }) => value ?? 0);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  /** @param {number} value */
  const place = (value) => (high > low ? (100 * (value - low)) / (high - low) : 0);
  const rows = payload.neurons.map((neuron, index) => {
    const [from, to] = [place(Math.min(0, values[index])), place(Math.max(0, values[index]))];
    const bar = el("span", { class: values[index] < 0 ? "fall away" : "fall", style: `left:${from}%;width:${to - from}%` });
    const words = ["raised", "lowered"].map((side) => listed(side, neuron[/** @type {"raised" | "lowered"} */ (side)]));
    return row(`layer ${neuron.layer} neuron ${neuron.number}`, bar, signed(neuron.value), words, "option");
  });
  const list = el("div", { class: "falls neurons", role: "listbox", "aria-label": payload.subtitle }, ...rows);
  list.style.setProperty("--zero", `${place(0)}%`);
  const heads = ["raises", "lowers"].map((name) => el("span", { class: "neurons-words" }, name));
  const head = el("div", { class: "falls neurons", "aria-hidden": "true" }, row("", "", "adds", heads, null));
  const detail = detailLine();
  hands(list, rows, {
    columns: 1,
    show({ at, held }) {
      describe(detail, payload, held ?? at);
    },
  });
  const { token, against } = payload;
  return frame(payload, {
    drawing: [contextLine(payload), head, list],
    detail,
    keys: "hover or \u2191 \u2193 for the exact numbers \u00b7 click to hold \u00b7 Esc to release",
    touch: "tap a neuron for its exact numbers",
    legend: el(
      "div",
      { class: "legend" },
      el("span", { class: "swatch" }),
      against ? `toward ${nameOf(token)}` : `raises ${nameOf(token)}`,
      el("span", { class: "swatch away" }),
      against ? `toward ${nameOf(against)}` : "lowers it",
    ),
  });
}

/**
 * A line of the list, or the names above it.
 * @param {string} name
 * @param {Node | string} drawing
 * @param {string} value
 * @param {Node[]} words
 * @param {string | null} role
 */
function row(name, drawing, value, words, role) {
  return el(
    "div",
    { class: role ? "row" : "names", role },
    el("span", { class: "part" }, name),
    " ",
    el("span", { class: "track" }, drawing),
    " ",
    el("span", { class: "adds" }, value),
    ...words.flatMap((word) => [" ", word]),
  );
}

/**
 * Words with dots between them, as many as there is room for.
 * @param {string} side
 * @param {import("../types.js").NeuronWord[]} words
 */
function listed(side, words) {
  const names = words.flatMap((word, index) => [...(index ? [" \u00b7 "] : []), el("bdi", {}, nameOf(word))]);
  return el("span", { class: `neurons-words ${side}` }, ...names);
}

/** @param {number | null} value */
function signed(value) {
  if (value === null) return "\u2013";
  return `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(2)}`;
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number | null} index
 */
function describe(detail, payload, index) {
  if (index === null || index >= payload.neurons.length) {
    return say(detail, ["the neurons that added most to ", quoted(payload.token.text), ", or took most from it"]);
  }
  const { layer, number, activation, value, raised, lowered } = payload.neurons[index];
  /** @param {import("../types.js").NeuronWord[]} words */
  const strongest = ([word]) => [quoted(word.text), ` by ${word.value}`];
  return say(
    detail,
    `layer ${layer}, neuron ${number}`,
    `is ${activation}`,
    ["adds ", el("b", {}, String(value))],
    raised.length ? ["raises most ", ...strongest(raised)] : null,
    lowered.length ? ["lowers most ", ...strongest(lowered)] : null,
  );
}
