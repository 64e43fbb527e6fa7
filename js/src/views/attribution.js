/** Which tokens led to a token: running text or boxes, coloured by the scores of the explained token; or a matrix of all. */
import { boxes } from "../parts/boxes.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactScore, percent, score } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { hands } from "../parts/hands.js";
import { ends, legend } from "../parts/legend.js";
import { explainedBy, NAME, scaleOf, scoreOf, seenBy, sides } from "../parts/scores.js";
import { center, strip } from "../parts/strip.js";
import { switcher } from "../parts/switch.js";
import { nameOf, quoted } from "../parts/text.js";
import { folded } from "../parts/words.js";
import { matrix } from "./attribution_matrix.js";

/** @typedef {import("../types.js").AttributionPayload} Payload */
/** @typedef {import("../types.js").Theme} Theme */

// How many of the strongest tokens the detail line names.
const STRONGEST = 4;

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function attribution(payload, context) {
  if (!payload.words) return drawnAs(payload, context, null);
  const forms = [payload, folded(payload, payload.words)];
  /** @type {HTMLElement[]} */
  const figures = [];
  const box = el("div", {});
  const chooser = switcher("show:", ["tokens", "words"], 0, (form) => {
    const button = /** @type {HTMLElement} */ (chooser.querySelectorAll("button")[form]);
    put(form);
    button.focus();
  });
  /** @param {number} form */
  const put = (form) => {
    /** @type {(() => void)[]} */
    const waiting = [];
    const later = { ...context, onAttach: (/** @type {() => void} */ ready) => void waiting.push(ready) };
    figures[form] ??= drawnAs(forms[form], box.isConnected ? later : context, el("div", { class: "folds" }));
    figures[form].querySelector(".folds")?.append(chooser);
    box.replaceChildren(figures[form]);
    for (const ready of waiting) ready();
  };
  put(0);
  return box;
}

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 * @param {HTMLElement | null} above what stands above the drawing
 */
function drawnAs(payload, context, above) {
  if (payload.style === "matrix") return matrix(payload, context, above);
  const { tokens, targets, n_input: nInput, signed, style } = payload;
  const scale = scaleOf(payload);
  const label = "tokens, coloured by their scores";
  const options = { nInput, signed, digits: scale.digits, label, twoSided: payload.two_sided };
  const drawn = style === "detailed" ? boxes(tokens, options) : strip(tokens, options);
  const names = payload.against && signed ? [payload.against, ...targets.map((_, row) => explainedBy(payload, row))] : [];
  const room = Math.max(0, ...names.map((token) => Math.min(NAME, nameOf(token).length) + 4)); // for "for London"
  const key = legend(context, { signed, low: "", high: "", digits: scale.digits + room });
  const slot = slotOf(payload, drawn.element);
  const detail = detailLine();
  const rowOf = new Map(targets.map((position, row) => [position, row]));
  /** @type {Theme} */
  let theme = "light";
  let row = 0;

  const paint = () => {
    const extent = scale.extents[row] ?? 0;
    for (let index = 0; index < tokens.length; index++) {
      const value = scoreOf(payload, row, index);
      if (value === null) drawn.paint(index, null, theme, "");
      else drawn.paint(index, value / (extent || 1), theme, score(value, payload.unit, scale.most));
    }
    key.set(...sides(payload, row, ends(extent, payload.unit, signed)));
    key.element.style.visibility = extent ? "" : "hidden";
    if (slot) slot.style.visibility = targets[row] >= tokens.length ? "" : "hidden";
    place(drawn.items, targets[row], payload.named !== null, seenBy(payload, row));
  };

  context.onTheme((now) => {
    theme = now;
    paint();
  });
  for (const position of targets) drawn.items[position]?.classList.add("can");
  if (drawn.items.length) {
    hands(drawn.element, drawn.items, {
      start: targets[0] ?? 0,
      holds: (index) => rowOf.has(index),
      show({ at, held }) {
        const wanted = held ?? at;
        const next = wanted === null ? 0 : (rowOf.get(wanted) ?? row);
        if (next !== row) {
          row = next;
          paint();
        }
        describe(detail, payload, row, at);
      },
    });
  } else describe(detail, payload, row, null);
  context.onAttach(() => center(drawn.element, drawn.items[targets[0]]));
  return frame(payload, {
    drawing: [...(above ? [above] : []), drawn.element, ...chips(payload)],
    detail,
    ...keysOf(targets.length),
    legend: key.element,
  });
}

/**
 * Marks the explained position: a bar before it, its token underlined, or if another one is explained, the rest soft.
 * @param {HTMLElement[]} items
 * @param {number} position
 * @param {boolean} named
 * @param {number} seen how many tokens the explained position can see
 */
function place(items, position, named, seen) {
  for (const [index, item] of items.entries()) {
    item.classList.toggle("now", !named && index === position);
    item.classList.toggle("bar-before", index === position);
    item.classList.toggle("after", named && index >= seen);
  }
}

/**
 * The labels that the text could have, each with its probability; the explained one is marked.
 * @param {Payload} payload
 */
function chips(payload) {
  const own = explainedBy(payload, 0)?.text;
  const items = (payload.labels ?? []).map(({ text, probability }) =>
    el("span", { class: text === own ? "chip on" : "chip" }, el("bdi", {}, text), " ", percent(probability)),
  );
  return items.length ? [el("div", { class: "chips" }, ...items)] : [];
}

/** @param {number} targets */
function keysOf(targets) {
  if (targets > 1) {
    return {
      keys: "hover or \u2190 \u2192 to walk the tokens \u00b7 click to hold \u00b7 Esc to release",
      touch: "tap an explained token to hold it",
    };
  }
  return { keys: "hover or \u2190 \u2192 for the score of a token", touch: "tap a token for its score" };
}

/**
 * The place after the last token, if one is explained there: a caret and the token.
 * @param {Payload} payload
 * @param {HTMLElement} box
 */
function slotOf({ named, targets, tokens }, box) {
  if (!targets.some((position) => position >= tokens.length)) return null;
  const ghost = el("span", { class: "ghost", "data-sign": nameOf(named) });
  const slot = el("span", { class: "slot", "aria-hidden": "true" }, el("span", { class: "caret" }), ghost);
  box.append(slot);
  return slot;
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number} row
 * @param {number | null} at
 */
function describe(detail, payload, row, at) {
  const { tokens, targets, unit } = payload;
  if (!targets.length) return say(detail, "no token was explained");
  const position = targets[row];
  const explained = explainedBy(payload, row);
  if (at === null || at === position) return say(detail, ...strongest(payload, row));
  const who = [quoted(tokens[at].text), ` at position ${at}`];
  const whom = quoted(explained.text, 40);
  const value = scoreOf(payload, row, at);
  if (at >= seenBy(payload, row)) return say(detail, who, ["comes after ", whom]);
  if (value === null) return say(detail, who, ["no score for ", whom]);
  const number = el("b", {}, exactScore(value, unit));
  return say(detail, who, unit === "share" ? [number, " of ", whom] : ["score ", number, " for ", whom]);
}

/**
 * The explained token and the tokens with the largest scores.
 * @param {Payload} payload
 * @param {number} row
 */
function strongest(payload, row) {
  const { tokens, targets, scores, unit, named } = payload;
  const position = targets[row];
  const explained = explainedBy(payload, row);
  const instead = named && tokens[position] ? [", written: ", quoted(tokens[position].text, 24)] : [];
  const top = scores[row]
    .map((value, index) => ({ value: value ?? 0, index }))
    .filter(({ value, index }) => value !== 0 && index < seenBy(payload, row))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, STRONGEST);
  const first = [el("b", {}, quoted(explained.text, 40)), ` at position ${position}`, ...instead];
  if (!top.length) return [first, "all scores are 0"];
  const shown = top.map(({ value, index }) => [
    quoted(nameOf(tokens[index]), 24),
    ` ${score(value, unit, Math.abs(top[0].value))}`,
  ]);
  return [[...first, " \u2190 ", ...shown[0]], ...shown.slice(1)];
}
