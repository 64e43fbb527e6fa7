/** Which tokens led to every explained token: a plane of colours, explained tokens downward, what led to them to the right. */
import { palette, shades } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactScore } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { ends, legend } from "../parts/legend.js";
import { edgeName, plane, settle, walk } from "../parts/plane.js";
import { explainedBy, scaleOf, scoreOf, seenBy, sides } from "../parts/scores.js";
import { kinds } from "../parts/strip.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").AttributionPayload} Payload */

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 * @param {HTMLElement | null} above what stands above the drawing
 */
export function matrix(payload, context, above) {
  const { tokens, targets, n_input: nInput, signed, unit } = payload;
  const { most } = scaleOf(payload);
  const width = Math.max(0, ...targets.map((_, row) => seenBy(payload, row)));
  const detail = detailLine();
  if (!width) {
    say(detail, "no token was explained");
    return frame(payload, { drawing: [], detail });
  }
  const options = {
    label: "scores, explained tokens downward and what led to them to the right",
    rows: targets.map((_, row) => edgeName(nameOf(explainedBy(payload, row)), "t")),
    columns: tokens.slice(0, width).map((token, index) => edgeName(nameOf(token), kinds(token, index, nInput))),
    split: payload.two_sided && width > nInput ? nInput : 0,
    seen: (/** @type {number} */ row) => seenBy(payload, row),
  };
  const drawn = plane(options);
  settle(drawn, context, (theme) => {
    const color = shades(signed, theme);
    drawn.paint((row, column) => {
      const value = scoreOf(payload, row, column);
      return value === null ? null : color(value / (most || 1));
    }, palette(theme).line);
  });
  walk(drawn, options, (cell) => describe(detail, payload, cell));
  const [low, high] = sides(payload, targets.length > 1 ? null : 0, ends(most, unit, signed));
  const key = legend(context, { signed, low, high });
  return frame(payload, {
    drawing: [...(above ? [above] : []), drawn.element],
    detail,
    keys: "rows: what is explained \u00b7 columns: what led to it \u00b7 hover or arrows to read \u00b7 click to hold \u00b7 Esc to release",
    touch: "rows: what is explained \u00b7 columns: what led to it \u00b7 tap a cell to read it",
    legend: key.element,
  });
}

/**
 * A cell, or the largest score of all.
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {{row: number, column: number} | null} cell
 */
function describe(detail, payload, cell) {
  const shown = cell ?? largest(payload);
  if (!shown) return say(detail, "all scores are 0");
  const { row, column } = shown;
  const explained = [el("b", {}, quoted(explainedBy(payload, row).text, 40)), ` at position ${payload.targets[row]}`];
  const source = [quoted(payload.tokens[column].text, 40), ` at position ${column}`];
  const value = scoreOf(payload, row, column);
  if (column >= seenBy(payload, row)) return say(detail, [...explained, " does not see ", ...source]);
  const number = value === null ? "no score" : el("b", {}, exactScore(value, payload.unit));
  return say(detail, cell ? null : "largest", [...explained, " \u2190 ", ...source], number);
}

/** @param {Payload} payload */
function largest(payload) {
  let [best, most] = [/** @type {{row: number, column: number} | null} */ (null), 0];
  payload.scores.forEach((scores, row) => {
    scores.forEach((value, column) => {
      if (Math.abs(value ?? 0) <= most || column >= seenBy(payload, row)) return;
      best = { row, column };
      most = Math.abs(value ?? 0);
    });
  });
  return best;
}
