/** The most likely next tokens: one ranked list with bars. */
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactPercent, percent } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { hands } from "../parts/hands.js";
import { contextLine } from "../parts/strip.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").PredictionsPayload} Payload */
/** @typedef {import("../types.js").Prediction} Prediction */

// A full bar stands for one of these shares, the smallest that holds the likeliest token.
const FULL = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];

// Longer lists scroll inside the figure.
const LONG = 24;

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} _context
 */
export function predictions(payload, _context) {
  const most = Math.max(0, ...payload.predictions.map(({ probability }) => probability ?? 0));
  const full = FULL.filter((share) => share >= most).pop() ?? 1;
  const rows = payload.predictions.map((prediction, index) => row(prediction, index + 1, full));
  const list = el(
    "div",
    {
      class: rows.length > LONG ? "ranked long" : "ranked",
      ...(rows.length ? { role: "listbox", "aria-label": payload.subtitle } : {}),
    },
    ...rows,
  );
  const detail = detailLine();
  if (rows.length) {
    hands(list, rows, {
      columns: 1,
      show({ at, held }) {
        describe(detail, payload, held ?? at);
      },
    });
  } else say(detail, "no predictions");
  return frame(payload, {
    drawing: [contextLine(payload), list],
    detail,
    keys: "hover or \u2191 \u2193 for the exact probability \u00b7 click to hold \u00b7 Esc to release",
    touch: "tap a token for its exact probability",
    legend: rows.length ? el("div", { class: "legend" }, `a full bar is ${100 * full}%`) : undefined,
  });
}

/**
 * @param {Prediction} prediction
 * @param {number} rank
 * @param {number} full
 */
function row(prediction, rank, full) {
  const share = prediction.probability ?? 0;
  return el(
    "div",
    { class: rank === 1 ? "row first" : "row", role: "option" },
    el("span", { class: "rank" }, String(rank)),
    " ",
    el("bdi", { class: "name" }, nameOf(prediction)),
    " ",
    el("span", { class: "track" }, el("span", { class: "bar", style: `width:${Math.min(100, (100 * share) / full)}%` })),
    " ",
    el("span", { class: "share" }, percent(prediction.probability)),
  );
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number | null} index
 */
function describe(detail, payload, index) {
  if (index === null) {
    const sum = payload.predictions.reduce((total, { probability }) => total + (probability ?? 0), 0);
    return say(detail, `together ${percent(sum)} of the probability`);
  }
  const { text, id, probability } = payload.predictions[index];
  return say(detail, `rank ${index + 1}`, quoted(text), el("b", {}, exactPercent(probability)), `id ${id}`);
}
