/** Which states carry the answer: a heat map of what returns when one state of a corrupted run is restored. */
import { diverging, fill, magnitude } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactPercent, exactScore, percent } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { cell, columnName, grid, mark } from "../parts/grid.js";
import { hands } from "../parts/hands.js";
import { legend } from "../parts/legend.js";
import { switcher } from "../parts/switch.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").TracePayload} Payload */
/** @typedef {import("../types.js").Theme} Theme */

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function trace(payload, context) {
  const { columns, layers, sites, shares } = payload;
  const { extent, signed } = scaleOf(payload);
  const heads = columns.map((column, index) => headCell(payload, column, index));
  const feet = columns.map(({ corrupted, replaced }, index) =>
    begins(payload, index, columnName(corrupted ? (replaced ? nameOf(replaced) : "noise") : "", "read")),
  );
  const table = grid({
    label: payload.subtitle,
    name: "ranks trace",
    fit: true,
    rows: layers.map((layer) => ({
      name: `layer ${layer}`,
      cells: columns.map((_, index) => begins(payload, index, cell())),
    })),
    head: heads,
    foot: columns.some(({ corrupted }) => corrupted) ? feet : undefined,
  });
  const detail = detailLine();
  const state = { site: 0, at: /** @type {number | null} */ (null) };
  /** @type {Theme} */
  let theme = "light";

  const paint = () => {
    table.cells.forEach((item, index) => {
      const share = shares[state.site][Math.floor(index / columns.length)][index % columns.length];
      item.textContent = shareText(share);
      const shade = item.textContent ? (share ?? 0) / extent : 0;
      fill(item, shade ? (signed ? diverging : magnitude)(shade, theme) : null, theme);
    });
  };
  const point = () => {
    const [row, column] = state.at === null ? [-1, -1] : [Math.floor(state.at / columns.length), state.at % columns.length];
    mark(table.names, row);
    mark(heads, column);
    mark(feet, column);
    describe(detail, payload, state.site, row, column);
  };

  context.onTheme((now) => {
    theme = now;
    paint();
  });
  if (table.cells.length) {
    hands(table.element, table.cells, {
      columns: table.columns,
      start: (layers.length - 1) * table.columns,
      show({ at, held }) {
        state.at = held ?? at;
        point();
      },
    });
  } else say(detail, "no states");
  const chooser =
    sites.length > 1 && table.cells.length
      ? switcher("restored:", sites, 0, (site) => {
          state.site = site;
          paint();
          point();
        })
      : null;
  return frame(payload, {
    drawing: [...(chooser ? [el("div", { class: "above" }, chooser)] : []), table.element],
    detail,
    keys: `${columns.some(({ replaced }) => replaced) ? "below: what the corrupted run read instead \u00b7 " : ""}hover or arrows to read \u00b7 click to hold \u00b7 Esc to release`,
    touch: "tap a cell for its exact number",
    legend: legend(context, { signed, low: signed ? percent(-extent) : "0%", high: percent(extent) }).element,
  });
}

/**
 * The right end of the scale, the same for all sites, and whether anything falls where it is restored.
 * @param {Payload} payload
 */
export function scaleOf({ shares }) {
  const known = shares.flat(2).filter((share) => share !== null);
  return { extent: Math.max(0, ...known.map(Math.abs)) || 1, signed: known.some((share) => share < -0.005) };
}

/**
 * A share in whole percent; nothing where it is none.
 * @param {number | null} share
 */
function shareText(share) {
  const whole = share === null ? 0 : Math.round(100 * share);
  return whole === 0 ? "" : `${whole}%`;
}

/**
 * The name of a column, marked where the run is corrupted.
 * @param {Payload} payload
 * @param {Payload["columns"][number]} column
 * @param {number} index
 */
function headCell(payload, { token, corrupted }, index) {
  const name = begins(payload, index, columnName(nameOf(token), "wrote"));
  name.classList.toggle("corrupted", corrupted);
  return name;
}

/**
 * Marks the first column of a target, which stands apart from its source.
 * @param {Payload} payload
 * @param {number} index
 * @param {HTMLElement} item
 */
function begins({ n_source: source }, index, item) {
  item.classList.toggle("begins", source > 0 && index === source);
  return item;
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number} site
 * @param {number} row -1 for none
 * @param {number} column
 */
function describe(detail, payload, site, row, column) {
  const { clean, corrupted, unit, quantity, columns, layers, sites, shares } = payload;
  if (row < 0) {
    return say(detail, [
      `${quantity}: clean `,
      el("b", {}, exactScore(clean, unit)),
      ", corrupted ",
      exactScore(corrupted, unit),
    ]);
  }
  const { token, position } = columns[column];
  const share = shares[site][row][column];
  const restored = share === null ? null : corrupted + share * (clean - corrupted);
  return say(
    detail,
    `${sites[site]}, layer ${layers[row]}`,
    [quoted(token.text), position === null ? "" : ` at position ${position}`],
    share === null ? "no share" : [el("b", {}, exactPercent(share)), " returns"],
    restored === null ? null : `${quantity} ${exactScore(Number(restored.toPrecision(3)), unit)}`,
  );
}
