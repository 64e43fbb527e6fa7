/** Numbers as text. */

/** @typedef {import("../types.js").Unit} Unit */

/**
 * A share with one decimal.
 * @param {number | null} share
 */
export function percent(share) {
  return share === null ? "\u2013" : `${(100 * share).toFixed(1)}%`;
}

/**
 * A share with all digits that the payload holds.
 * @param {number | null} share
 */
export function exactPercent(share) {
  if (share === null) return "unknown";
  const value = Number((100 * share).toPrecision(4));
  return value !== 0 && Math.abs(value) < 1e-4 ? `${value.toExponential()}%` : `${value}%`;
}

/**
 * A score, short.
 * @param {number} value
 * @param {Unit} unit
 */
export function score(value, unit) {
  return unit === "share" ? percent(value) : brief(value);
}

/**
 * A score with all digits that the payload holds.
 * @param {number} value
 * @param {Unit} unit
 */
export function exactScore(value, unit) {
  return unit === "share" ? exactPercent(value) : String(value);
}

/**
 * Three significant digits.
 * @param {number} value
 */
function brief(value) {
  const rounded = Number(value.toPrecision(3));
  const size = Math.abs(rounded);
  return rounded === 0 || (size >= 1e-3 && size < 1e6) ? String(rounded) : rounded.toExponential();
}

/**
 * A rank in few characters: 8,276, 39k.
 * @param {number | null} rank
 */
export function shortRank(rank) {
  if (rank === null) return "\u2013";
  if (rank < 10_000) return whole(rank);
  return rank < 1_000_000 ? `${(rank / 1000).toFixed(0)}k` : `${(rank / 1e6).toFixed(1)}M`;
}

/**
 * A whole number with its thousands apart.
 * @param {number} value
 */
export function whole(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
