/** Attention weights as a payload packs them, and small pictures of them. */
import { magnitude } from "./color.js";
import { el } from "./dom.js";

/** @typedef {import("../types.js").AttentionPayload} Payload */
/** @typedef {import("../types.js").Theme} Theme */

/**
 * The weights of a payload. A byte is 255 times the square root of a share.
 * @param {Payload} payload
 */
export function maps(payload) {
  const { queries, keys, columns, causal, first_query: first } = payload;
  const [weights, rest] = [bytes(payload.weights), payload.rest === null ? null : bytes(payload.rest)];
  const width = (keys ?? queries).length;
  /** @param {number} query where its row begins */
  const offset = (query) => (causal ? (query * (query + 1) - first * (first + 1)) / 2 : (query - first) * width);
  const cells = offset(queries.length);
  /**
   * How many keys a query looks at; none if the figure does not hold its row.
   * @param {number} query
   */
  const seen = (query) => (query < first ? 0 : causal ? query + 1 : width);
  return {
    width,
    seen,
    /**
     * The bytes of a row: one for every key that the query looks at.
     * @param {number} map layer * columns + column
     * @param {number} query
     */
    row(map, query) {
      const start = map * cells + offset(query);
      return query < first ? new Uint8Array(0) : weights.subarray(start, start + seen(query));
    },
    /**
     * The share that goes to no token.
     * @param {number} map
     * @param {number} query
     */
    rest(map, query) {
      return rest === null || query < first ? 0 : shareOf(rest[map * (queries.length - first) + query - first]);
    },
    count: payload.layers.length * columns.length,
  };
}

/**
 * A byte as a share.
 * @param {number} byte
 */
export function shareOf(byte) {
  return (byte / 255) ** 2;
}

/**
 * A share as exact as a byte tells it: 35%, 3.4%, 0.3%.
 * @param {number} share
 * @param {number} floor shares below it were left out
 */
export function shortShare(share, floor) {
  if (share === 0) return floor ? `<${Number((100 * floor).toPrecision(2))}%` : "0%";
  if (share >= 0.0995) return `${(100 * share).toFixed(0)}%`;
  return share < 0.0005 ? "<0.1%" : `${(100 * share).toFixed(1)}%`;
}

/**
 * A small picture of a map: queries downward, keys to the right; a pixel is the largest of the weights that it stands for.
 * @param {number} size in pixels of the page
 */
export function thumbnail(size) {
  const side = 2 * size; // sharp on fine screens too
  const canvas = /** @type {HTMLCanvasElement} */ (
    el("canvas", { width: side, height: side, style: `width:${size}px;height:${size}px` })
  );
  return {
    element: canvas,
    /**
     * @param {ReturnType<typeof maps>} from
     * @param {number} map
     * @param {number} queries
     * @param {Theme} theme
     */
    paint(from, map, queries, theme) {
      const brush = canvas.getContext?.("2d");
      if (!brush) return;
      const image = brush.createImageData(side, side);
      image.data.set(pixels(from, map, queries, side, theme));
      brush.putImageData(image, 0, 0);
    },
  };
}

/**
 * Red, green, blue and opacity of every pixel; where nothing can be seen there is none.
 * @param {ReturnType<typeof maps>} from
 * @param {number} map
 * @param {number} queries
 * @param {number} side
 * @param {Theme} theme
 */
export function pixels(from, map, queries, side, theme) {
  const data = new Uint8ClampedArray(4 * side * side);
  const colors = ramp(theme);
  for (let y = 0; y < side; y++) {
    const rows = span(y, queries, side).map((query) => from.row(map, query));
    for (let x = 0; x < side; x++) {
      let most = -1;
      for (const row of rows)
        for (const key of span(x, from.width, side)) if (key < row.length) most = Math.max(most, row[key]);
      if (most >= 0) data.set(colors[most], 4 * (y * side + x));
    }
  }
  return data;
}

/**
 * Which of `count` things a pixel of `side` stands for.
 * @param {number} pixel
 * @param {number} count
 * @param {number} side
 */
function span(pixel, count, side) {
  const first = Math.floor((pixel * count) / side);
  const last = Math.max(first + 1, Math.floor(((pixel + 1) * count) / side));
  return Array.from({ length: last - first }, (_, i) => first + i);
}

/** @type {Map<Theme, number[][]>} */
const ramps = new Map();

/**
 * A colour for every byte.
 * @param {Theme} theme
 */
function ramp(theme) {
  const known = ramps.get(theme);
  if (known) return known;
  const made = Array.from({ length: 256 }, (_, byte) => {
    const color = magnitude(byte / 255, theme);
    return [...[1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16)), 255];
  });
  ramps.set(theme, made);
  return made;
}

/** @param {string} packed base64 */
export function bytes(packed) {
  return Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
}
