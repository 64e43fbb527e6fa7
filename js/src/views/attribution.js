/** Which tokens led to a token: running text or boxes, coloured by the scores of the explained token. */
import { boxes } from "../parts/boxes.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactScore, score } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { hands } from "../parts/hands.js";
import { ends, legend } from "../parts/legend.js";
import { strip } from "../parts/strip.js";
import { nameOf, quoted, visible } from "../parts/text.js";

/** @typedef {import("../types.js").AttributionPayload} Payload */
/** @typedef {import("../types.js").Theme} Theme */

// How many of the strongest tokens the detail line names.
const STRONGEST = 4;

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function attribution(payload, context) {
  const { tokens, targets, n_input: nInput, signed, unit, style } = payload;
  const extents = payload.scores.map((row) => Math.max(0, ...row.map((value) => Math.abs(value ?? 0))));
  const rowOf = new Map(targets.map((position, row) => [position, row]));
  const label = "tokens, coloured by their scores";
  let row = 0;
  const drawn =
    style === "detailed"
      ? boxes(tokens, {
          nInput,
          label,
          numbers: (index) => score(scoreOf(payload, row, index) ?? 0, unit),
          digits: digitsOf(payload),
        })
      : strip(tokens, { nInput, signed, label });
  const scale = legend(context, { signed, low: "", high: "" });
  const detail = detailLine();
  const slots = slotsOf(payload, drawn.element);
  /** @type {Theme} */
  let theme = "light";

  const paint = () => {
    const extent = extents[row] || 1;
    for (let index = 0; index < tokens.length; index++) {
      const value = scoreOf(payload, row, index);
      drawn.paint(index, value === null ? null : value / extent, theme);
    }
    scale.set(...ends(extents[row] ?? 0, unit, signed));
    slots(row);
    drawn.items.forEach((item, index) => {
      item.classList.toggle("now", payload.named === null && index === targets[row]);
      item.classList.toggle("bar-before", index === targets[row]);
      item.classList.toggle("after", payload.named !== null && index >= targets[row]);
    });
  };

  context.onTheme((now) => {
    theme = now;
    paint();
  });
  drawn.items.forEach((item, index) => {
    item.classList.toggle("can", rowOf.has(index));
  });
  if (drawn.items.length) {
    hands(drawn.element, drawn.items, {
      start: Math.min(targets[0] ?? 0, tokens.length - 1),
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
  }
  context.onAttach(() => center(drawn.element, drawn.items[targets[0]]));
  return frame(payload, {
    drawing: [drawn.element],
    detail,
    ...keysOf(targets.length),
    legend: targets.length ? scale.element : undefined,
  });
}

/**
 * The score of a token for a target; null where the target could not see it.
 * @param {Payload} payload
 * @param {number} row
 * @param {number} index
 */
function scoreOf({ targets, scores }, row, index) {
  if (!targets.length || index >= targets[row]) return null;
  return index < scores[row].length ? scores[row][index] : 0;
}

/**
 * How many characters the longest number has, so that no box changes its width.
 * @param {Payload} payload
 */
function digitsOf({ scores, unit }) {
  return Math.max(4, ...scores.map((row) => Math.max(0, ...row.map((value) => score(value ?? 0, unit).length))));
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
 * Where a token is explained that was not written: a caret, and the token itself if there is only one such place.
 * @param {Payload} payload
 * @param {HTMLElement} box
 * @returns {(row: number) => void} shows the place of a target
 */
function slotsOf({ named, targets, tokens }, box) {
  const atEnd = targets.filter((position) => position >= tokens.length);
  if (named === null && !atEnd.length) return () => {};
  const ghost = el("span", { class: "ghost", "data-sign": named ? visible(named.text).trim() || "\u00b7" : "?" });
  const slot = el("span", { class: "slot", "aria-hidden": "true" }, el("span", { class: "caret" }), ghost);
  if (atEnd.length) box.append(slot);
  return (row) => {
    slot.style.visibility = targets[row] >= tokens.length ? "" : "hidden";
  };
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number} row
 * @param {number | null} at
 */
function describe(detail, payload, row, at) {
  const { tokens, targets, unit, named } = payload;
  if (!targets.length) return say(detail, "no token was explained");
  const position = targets[row];
  const explained = named ?? tokens[position];
  if (at === null || at === position) return say(detail, ...strongest(payload, row));
  const who = [quoted(tokens[at].text), ` at position ${at}`];
  const whom = quoted(explained.text, 40);
  const value = scoreOf(payload, row, at);
  if (at > position) return say(detail, who, ["comes after ", whom]);
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
  const explained = named ?? tokens[position];
  const instead = named && tokens[position] ? [", written: ", quoted(tokens[position].text, 24)] : [];
  const top = scores[row]
    .map((value, index) => ({ value: value ?? 0, index }))
    .filter(({ value, index }) => value !== 0 && index < position)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, STRONGEST);
  const first = [el("b", {}, quoted(explained.text, 40)), ` at position ${position}`, ...instead];
  if (!top.length) return [first, "all scores are 0"];
  const shown = top.map(({ value, index }) => [quoted(nameOf(tokens[index]), 24), ` ${score(value, unit)}`]);
  return [[...first, " \u2190 ", ...shown[0]], ...shown.slice(1)];
}

/**
 * Scrolls a long text to a token, never the page.
 * @param {HTMLElement} box
 * @param {HTMLElement | undefined} item
 */
function center(box, item) {
  if (!item || box.scrollHeight <= box.clientHeight) return;
  box.scrollTop += item.getBoundingClientRect().top - box.getBoundingClientRect().top - (box.clientHeight * 2) / 3;
}
