/** What each token attends to: small pictures of all heads to choose from, and the text, coloured for one token. */
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { frame } from "../parts/frame.js";
import { cell, columnName, grid, mark } from "../parts/grid.js";
import { hands } from "../parts/hands.js";
import { legend } from "../parts/legend.js";
import { maps, shareOf, shortShare, thumbnail } from "../parts/maps.js";
import { center, strip } from "../parts/strip.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").AttentionPayload} Payload */
/** @typedef {import("../types.js").Theme} Theme */

// How many of the tokens that get most the detail line names.
const STRONGEST = 4;

// Pixels of a small picture, by the most columns for which it is so large.
const SIZES = [
  [7, 44],
  [9, 36],
  [13, 28],
  [17, 22],
  [Number.POSITIVE_INFINITY, 15],
];

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function attention(payload, context) {
  const { queries, keys, columns, n_input: nInput } = payload;
  const weights = maps(payload);
  const before = keys ? keys.length : 0; // a source stands before its target
  const tokens = [...(keys ?? []), ...queries];
  const drawn = strip(tokens, {
    nInput: keys ? before : nInput,
    signed: false,
    label: "tokens, coloured by what one of them attends to",
    twoSided: keys !== null,
  });
  const key = legend(context, { signed: false, low: "0%", high: "", digits: 5 });
  const detail = detailLine();
  const state = {
    map: Math.max(0, weights.count - columns.length),
    query: payload.query,
    at: /** @type {number | null} */ (null),
  };
  /** @type {Theme} */
  let theme = "light";

  const draw = () => {
    const row = weights.row(state.map, state.query);
    const top = topOf(payload, row);
    drawn.items.forEach((item, index) => {
      const seen = index < row.length;
      drawn.paint(index, seen ? Math.min(1, shareOf(row[index]) / top) : null, theme, "");
      item.classList.toggle("now", index === before + state.query);
      item.classList.toggle("after", keys === null && !seen);
    });
    key.set("0%", `${shortShare(top, 0)}${row.some((byte) => shareOf(byte) > top) ? "+" : ""}`);
    describe(detail, payload, weights, state);
  };

  context.onTheme((now) => {
    theme = now;
    draw();
  });
  hands(drawn.element, drawn.items, {
    start: before + payload.query,
    holds: (index) => weights.seen(index - before) > 0 && index >= before,
    show({ at, held }) {
      const wanted = (held ?? at ?? before + payload.query) - before;
      state.at = held === null ? null : at;
      if (wanted >= 0 && weights.seen(wanted) > 0) state.query = wanted;
      else state.at = at;
      draw();
    },
  });
  const chooser = weights.count > 1 ? choose(payload, context, weights, state, draw) : null;
  context.onAttach(() => center(drawn.element, drawn.items[before + payload.query]));
  const several = chooser ? "a picture or " : "";
  return frame(payload, {
    drawing: [el("div", { class: "beside" }, chooser, drawn.element)],
    detail,
    keys: `hover ${several}a token, or walk with arrows \u00b7 click to hold \u00b7 Esc to release`,
    touch: `tap ${several}a token to hold it`,
    legend: key.element,
  });
}

/**
 * Small pictures of all maps, layers downward: one of them is shown in the text.
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 * @param {ReturnType<typeof maps>} weights
 * @param {{map: number}} state
 * @param {() => void} draw
 */
function choose(payload, context, weights, state, draw) {
  const { layers, columns, queries } = payload;
  const first = state.map;
  const size = SIZES.find(([most]) => columns.length <= most)?.[1] ?? 15;
  const pictures = Array.from({ length: weights.count }, () => thumbnail(size));
  const cells = pictures.map(({ element }, map) => {
    const item = cell(element);
    item.setAttribute("aria-label", mapName(payload, map));
    return item;
  });
  const names = columns.map((head) => columnName(head === null ? "mean" : String(head), "head"));
  const table = grid({
    label: "maps of all heads, queries downward and keys to the right",
    name: "maps",
    fit: true,
    rows: layers.map((layer, row) => ({
      name: `layer ${layer}`,
      cells: cells.slice(row * columns.length, (row + 1) * columns.length),
    })),
    head: names,
  });
  context.onTheme((theme) => {
    pictures.forEach((picture, map) => {
      picture.paint(weights, map, queries.length, theme);
    });
  });
  hands(table.element, cells, {
    columns: columns.length,
    start: first,
    show({ at, held }) {
      cells[state.map].classList.remove("chosen");
      state.map = held ?? at ?? first;
      cells[state.map].classList.add("chosen");
      mark(table.names, Math.floor(state.map / columns.length));
      mark(names, state.map % columns.length);
      draw();
    },
  });
  return table.element;
}

/**
 * What the right end of the scale stands for: the largest share of any token but the first and special ones, on which many
 * heads rest when they look at nothing else; at least the share that each would get of equal parts.
 * @param {Payload} payload
 * @param {Uint8Array} row
 */
export function topOf({ queries, keys }, row) {
  const looked = keys ?? queries;
  const others = Array.from(row).filter((_, index) => index > 0 && !looked[index].special);
  return Math.max(1 / Math.max(1, row.length), shareOf(Math.max(0, ...others)));
}

/**
 * @param {Payload} payload
 * @param {number} map
 */
function mapName({ layers, columns, heads }, map) {
  const head = columns[map % columns.length];
  return `layer ${layers[Math.floor(map / columns.length)]}, ${head === null ? `mean of ${heads} heads` : `head ${head}`}`;
}

/**
 * What the query attends to most, or how much it does to the token that is pointed at.
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {ReturnType<typeof maps>} weights
 * @param {{map: number, query: number, at: number | null}} state
 */
function describe(detail, payload, weights, { map, query, at }) {
  const { queries, keys, columns, query_positions: places, key_positions: keyPlaces, floors } = payload;
  const looked = keys ?? queries;
  const row = weights.row(map, query);
  const floor = floors[map % columns.length];
  const place = places[query];
  const who = [el("b", {}, quoted(queries[query].text, 40)), place === null ? "" : ` at position ${place}`];
  const where = mapName(payload, map);
  if (at !== null && at < looked.length && (keys !== null || at !== query)) {
    const share = at < row.length ? shortShare(shareOf(row[at]), floor) : null;
    const key = [quoted(looked[at].text, 40), ` at position ${keyPlaces[at]}`];
    if (share === null) return say(detail, where, [...who, " does not see ", ...key]);
    return say(detail, where, [...who, " \u2192 ", ...key, ": ", el("b", {}, share)]);
  }
  const best = Array.from(row, (byte, index) => ({ byte, index }))
    .filter(({ byte }) => byte > 0)
    .sort((a, b) => b.byte - a.byte)
    .slice(0, STRONGEST);
  const names = best.map(({ index }) => nameOf(looked[index]));
  const top = best.map(({ byte, index }, i) => {
    const twice = names.indexOf(names[i]) !== names.lastIndexOf(names[i]);
    return [quoted(names[i], 24), `${twice ? ` (${keyPlaces[index]})` : ""} ${shortShare(shareOf(byte), floor)}`];
  });
  const rest = weights.rest(map, query);
  const sink = rest > 0.005 ? `${shortShare(rest, 0)} to no token` : null;
  if (!top.length) return say(detail, where, [...who, " attends to no token"], sink);
  return say(detail, where, [...who, " \u2192 ", ...top[0]], ...top.slice(1), sink);
}
