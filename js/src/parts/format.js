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
 * A score, short: raw ones with as many decimals as the largest needs for three digits.
 * @param {number} value
 * @param {Unit} unit
 * @param {number} extent the largest absolute value beside it
 */
export function score(value, unit, extent) {
  if (unit === "share") return percent(value);
  const digits = extent > 0 ? Math.floor(Math.log10(extent)) : 0;
  const decimals = Math.max(0, 2 - digits);
  if (digits >= -3 && digits < 6) return (Number(value.toFixed(decimals)) + 0).toFixed(decimals); // no "-0.00"
  return Math.abs(value) < extent / 1000 ? "0" : value.toExponential(1);
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
 * A rank in few characters: 8,276, 39k.
 * @param {number | null} rank
 */
export function shortRank(rank) {
  if (rank === null) return "\u2013";
  if (rank < 10_000) return whole(rank);
  return rank < 999_500 ? `${(rank / 1000).toFixed(0)}k` : `${(rank / 1e6).toFixed(1)}M`;
}

/**
 * Ascending whole numbers in few characters: 0, 3–5.
 * @param {number[]} numbers
 */
export function ranges(numbers) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const number of numbers) {
    const last = runs[runs.length - 1];
    if (last && last[1] + 1 === number) last[1] = number;
    else runs.push([number, number]);
  }
  return runs
    .map(([first, last]) => (first === last ? `${first}` : `${first}${last === first + 1 ? ", " : "\u2013"}${last}`))
    .join(", ");
}

/**
 * A whole number with its thousands apart.
 * @param {number} value
 */
export function whole(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
