/** What each part of the model added to a logit: a waterfall from the embedding down to the last layer. */
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactPercent, shortRank, whole } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { hands } from "../parts/hands.js";
import { contextLine } from "../parts/strip.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").ContributionsPayload} Payload */

// Longer lists scroll inside the figure.
const LONG = 40;

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} _context
 */
export function contributions(payload, _context) {
  const sums = running(payload.parts.map(({ value }) => value ?? 0));
  const total = payload.logit ?? 0;
  const [low, high] = [Math.min(0, total, ...sums), Math.max(0, total, ...sums)];
  /** @param {number} value */
  const place = (value) => (high > low ? (100 * (value - low)) / (high - low) : 0);
  const rows = payload.parts.map(({ name, value, rank }, index) =>
    row(name, bar(place, sums[index] - (value ?? 0), sums[index]), signed(value), shortRank(rank), "row"),
  );
  const last = payload.parts[payload.parts.length - 1];
  rows.push(
    row(payload.against ? "difference" : "logit", bar(place, 0, total), signed(total), shortRank(last.rank), "row total"),
  );
  const list = el(
    "div",
    { class: rows.length > LONG ? "falls long" : "falls", role: "listbox", "aria-label": payload.subtitle },
    ...rows,
  );
  list.style.setProperty("--zero", `${place(0)}%`);
  const head = el("div", { class: "falls heads", "aria-hidden": "true" }, row("", el("span", {}), "adds", "rank", "names"));
  const detail = detailLine();
  hands(list, rows, {
    columns: 1,
    show({ at, held }) {
      describe(detail, payload, sums, held ?? at);
    },
  });
  return frame(payload, {
    drawing: [contextLine(payload), head, list],
    detail,
    keys: "hover or \u2191 \u2193 for the exact numbers \u00b7 click to hold \u00b7 Esc to release",
    touch: "tap a part for its exact numbers",
    legend: el(
      "div",
      { class: "legend" },
      el("span", { class: "swatch" }),
      payload.against ? `toward ${nameOf(payload.token)}` : "raises it",
      el("span", { class: "swatch away" }),
      payload.against ? `toward ${nameOf(payload.against)}` : "lowers it",
    ),
  });
}

/**
 * A line of the waterfall.
 * @param {string} name
 * @param {Node} drawing
 * @param {string} value
 * @param {string} rank
 * @param {string} kind class
 */
function row(name, drawing, value, rank, kind) {
  return el(
    "div",
    { class: kind, role: kind === "names" ? null : "option" },
    el("span", { class: "part" }, name),
    " ",
    el("span", { class: "track" }, drawing),
    " ",
    el("span", { class: "adds" }, value),
    " ",
    el("span", { class: "rank" }, rank),
  );
}

/**
 * A bar from one sum to the next.
 * @param {(value: number) => number} place
 * @param {number} from
 * @param {number} to
 */
function bar(place, from, to) {
  const [left, right] = [place(Math.min(from, to)), place(Math.max(from, to))];
  return el("span", { class: to < from ? "fall away" : "fall", style: `left:${left}%;width:${right - left}%` });
}

/**
 * Sums of all numbers up to each.
 * @param {number[]} values
 */
function running(values) {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}

/** @param {number | null} value */
function signed(value) {
  if (value === null) return "\u2013";
  const text = Math.abs(value).toFixed(2);
  return `${Number(text) === 0 ? "" : value < 0 ? "\u2212" : "+"}${text}`;
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number[]} sums
 * @param {number | null} index
 */
function describe(detail, payload, sums, index) {
  const { parts, token, against, logit } = payload;
  if (index === null || index >= parts.length) {
    const what = against
      ? [quoted(token.text), " leads ", quoted(against.text), " by "]
      : ["the logit of ", quoted(token.text), " is "];
    return say(detail, [...what, el("b", {}, String(logit))]);
  }
  const { name, value, rank, probability } = parts[index];
  return say(
    detail,
    name,
    ["adds ", el("b", {}, String(value))],
    `sum so far ${Number(sums[index].toPrecision(4))}`,
    rank === null ? null : [quoted(token.text), ` would be at rank ${whole(rank)} of ${whole(payload.vocab_size)}`],
    probability === null ? null : `probability ${exactPercent(probability)}`,
  );
}
