/** What the scores of an attribution say: of which target, toward which token, on which scale. */
import { score } from "./format.js";
import { nameOf } from "./text.js";

/** @typedef {import("../types.js").AttributionPayload} Payload */

// How many characters of a token a legend has room for.
export const NAME = 14;

/**
 * The largest absolute scores, of every row and of all, and how many characters the longest number has.
 * @param {Payload} payload
 */
export function scaleOf({ scores, unit }) {
  const rows = scores.map((row) => row.map((value) => value ?? 0));
  const extents = rows.map((row) => Math.max(0, ...row.map(Math.abs)));
  const most = Math.max(0, ...extents);
  const longest = rows.flatMap((row, index) => {
    const ends = [Math.min(0, ...row), Math.max(0, ...row)];
    return ends.flatMap((end) => [score(end, unit, most), score(end, unit, extents[index])]);
  });
  return { extents, most, digits: Math.max(4, ...longest.map((text) => text.length)) };
}

/**
 * How many tokens, from the first on, a target can see.
 * @param {Payload} payload
 * @param {number} row
 */
export function seenBy({ seen, targets }, row) {
  return seen ? seen[row] : targets[row];
}

/**
 * The score of a token for a target; null where the target could not see it.
 * @param {Payload} payload
 * @param {number} row
 * @param {number} index
 */
export function scoreOf(payload, row, index) {
  const { targets, scores } = payload;
  if (!targets.length || index >= seenBy(payload, row)) return null;
  return index < scores[row].length ? scores[row][index] : 0;
}

/**
 * The token that a row explains.
 * @param {Payload} payload
 * @param {number} row
 */
export function explainedBy({ explained, named, tokens, targets }, row) {
  return explained?.[row] ?? named ?? tokens[targets[row]] ?? { text: "?" };
}

/**
 * The ends of a signed scale name the tokens that they speak for, where one is explained rather than another.
 * @param {Payload} payload
 * @param {number | null} row null for all of them
 * @param {[string, string]} ends
 * @returns {[string, string]}
 */
export function sides(payload, row, [low, high]) {
  if (!payload.against || !payload.signed || !payload.targets.length) return [low, high];
  const short = (/** @type {import("../types.js").Token} */ token) => Array.from(nameOf(token)).slice(0, NAME).join("");
  return [
    `for ${short(payload.against)} ${low}`,
    `${high} for ${row === null ? "the explained token" : short(explainedBy(payload, row))}`,
  ];
}
