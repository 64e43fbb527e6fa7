/** An attribution whose tokens are folded into words. */
import { seenBy } from "./scores.js";

/** @typedef {import("../types.js").AttributionPayload} Payload */

/**
 * The payload with words in the place of their tokens, whose scores are summed.
 * @param {Payload} payload
 * @param {NonNullable<Payload["words"]>} words
 * @returns {Payload}
 */
export function folded(payload, { spans, subtitle }) {
  const { tokens, targets, n_input: nInput, unit } = payload;
  const units = unitsOf(tokens.length, spans);
  const place = [...units.flatMap(([start, stop], index) => Array(stop - start).fill(index)), units.length];
  /** @type {Map<number, number[]>} */
  const rowsOf = new Map();
  targets.forEach((position, row) => {
    rowsOf.set(place[position], [...(rowsOf.get(place[position]) ?? []), row]);
  });
  const groups = [...rowsOf.values()];
  const seen = groups.map((rows) => {
    const most = Math.min(...rows.map((row) => seenBy(payload, row)));
    return units.filter(([, stop]) => stop <= most).length;
  });
  return {
    ...payload,
    subtitle,
    tokens: units.map((unit) => joined(tokens, unit)),
    n_input: place[nInput] ?? units.length,
    targets: [...rowsOf.keys()],
    seen,
    scores: groups.map((rows, index) => {
      const sums = units.slice(0, seen[index]).map((unit) => sum(payload.scores, rows, unit));
      return unit === "share" ? shares(sums) : sums;
    }),
    explained: payload.explained && groups.map((rows) => joined(payload.explained ?? [], [rows[0], rows[rows.length - 1] + 1])),
    words: undefined,
  };
}

/**
 * All tokens, alone or in words: (start, stop).
 * @param {number} count
 * @param {[number, number][]} spans
 */
function unitsOf(count, spans) {
  const stops = new Map(spans);
  /** @type {[number, number][]} */
  const units = [];
  for (let start = 0; start < count; start = units[units.length - 1][1]) units.push([start, stops.get(start) ?? start + 1]);
  return units;
}

/**
 * @param {import("../types.js").Token[]} tokens
 * @param {[number, number]} unit
 */
function joined(tokens, [start, stop]) {
  const own = tokens.slice(start, stop);
  return stop - start === 1 ? own[0] : { id: -1, text: own.map(({ text }) => text).join("") };
}

/**
 * @param {(number | null)[][]} scores
 * @param {number[]} rows
 * @param {[number, number]} unit
 */
function sum(scores, rows, [start, stop]) {
  const found = rows.flatMap((row) => scores[row].slice(start, stop)).filter((value) => value !== null);
  return found.length ? found.reduce((all, value) => all + value, 0) : start < (scores[rows[0]]?.length ?? 0) ? null : 0;
}

/** @param {(number | null)[]} sums */
function shares(sums) {
  const whole = sums.reduce((/** @type {number} */ all, value) => all + Math.abs(value ?? 0), 0) || 1;
  return sums.map((value) => (value === null ? null : value / whole));
}
