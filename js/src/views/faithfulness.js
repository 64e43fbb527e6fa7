/** What the model says while tokens go and come in the order of their scores: curves, figures, agreement of methods. */
import { diverging, fill, palette } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { percent } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { cell, columnName, grid, mark } from "../parts/grid.js";
import { hands } from "../parts/hands.js";
import { path, svg } from "../parts/svg.js";

/** @typedef {import("../types.js").FaithfulnessPayload} Payload */
/** @typedef {"deletion" | "insertion"} Way */

/** What is tabulated, what it is called, and whether more of it is better. */
const FIGURES = /** @type {const} */ ([
  ["comprehensiveness", "comprehensiveness", true],
  ["sufficiency", "sufficiency", false],
  ["deletion_area", "deletion area", false],
  ["insertion_area", "insertion area", true],
]);

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [340, 190, 44, 24, 34];
const DASHES = ["none", "7 3", "2 3"];

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function faithfulness(payload, context) {
  const { methods, agreement } = payload;
  const several = methods.length > 1;
  const [low, high] = extent(payload);
  const charts = [chart(payload, "deletion", low, high), chart(payload, "insertion", low, high)];
  const table = grid({
    label: payload.subtitle,
    name: "figures",
    fit: true,
    rows: [
      ...methods.map((method, m) => ({
        name: method.label,
        cells: [
          ...FIGURES.map(([key]) => cell(number(method[key]))),
          ...(several ? agreement[m].map((value) => cell(number(value))) : []),
        ],
      })),
      {
        name: "random orders",
        cells: [
          ...FIGURES.map(([key]) => cell(`${number(payload.random[key].mean)} ± ${number(payload.random[key].spread)}`)),
          ...(several ? methods.map(() => cell("")) : []),
        ],
      },
    ],
    head: [
      ...FIGURES.map(([, name, more]) => columnName(`${name} ${more ? "↑" : "↓"}`, "read")),
      ...(several ? methods.map(({ label }) => columnName(`ρ with ${label}`, "read")) : []),
    ],
  });
  const detail = detailLine();
  context.onTheme((theme) => {
    const colors = palette(theme).category;
    methods.forEach((_, m) => {
      const color = colors[m % colors.length];
      table.names[m].style.boxShadow = `inset 3px 0 0 ${color}`;
      for (const { lines } of charts) lines[m].style.stroke = color;
      if (several) {
        agreement[m].forEach((value, k) => {
          const shown = value === null || k === m ? null : diverging(value, theme);
          fill(table.cells[m * table.columns + FIGURES.length + k], shown, theme);
        });
      }
    });
  });
  hands(table.element, table.cells, {
    columns: table.columns,
    show({ at, held }) {
      const shown = held ?? at;
      const [row, column] = shown === null ? [-1, -1] : [Math.floor(shown / table.columns), shown % table.columns];
      mark(table.names, row);
      for (const { lines } of charts) {
        lines.forEach((line, m) => {
          line.style.opacity = row < 0 || row === m || row === methods.length ? "" : "0.15";
        });
      }
      describe(detail, payload, row, column);
    },
  });
  return frame(payload, {
    drawing: [el("div", { class: "charts" }, ...charts.map(({ element }) => element)), table.element],
    detail,
    keys: "hover or arrows to read · click to hold · Esc to release",
    touch: "tap a number to read it",
    legend: el("div", { class: "legend" }, "grey: random orders ± one standard deviation"),
  });
}

/**
 * One curve for each method over the share of tokens, and the band of the random orders.
 * @param {Payload} payload
 * @param {Way} way
 * @param {number} low
 * @param {number} high
 */
function chart(payload, way, low, high) {
  const { fractions, methods, random, quantity } = payload;
  /** @param {number} share */
  const x = (share) => LEFT + share * (WIDTH - LEFT - 10);
  /** @param {number} value */
  const y = (value) => TOP + ((high - Math.min(high, Math.max(low, value))) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  /** @param {(step: number) => number | null} value @returns {[number, number][]} */
  const points = (value) =>
    fractions.flatMap((share, step) => {
      const found = value(step);
      return found === null ? [] : [/** @type {[number, number]} */ ([x(share), y(found)])];
    });
  const { mean, spread } = random[way];
  const upper = points((step) => band(mean[step], spread[step], 1));
  const lower = points((step) => band(mean[step], spread[step], -1));
  const lines = methods.map((method, m) =>
    svg("path", {
      class: "curve",
      d: path(points((step) => method[way][step])),
      "stroke-dasharray": DASHES[Math.floor(m / 6) % DASHES.length],
    }),
  );
  const ticks = [low, (low + high) / 2, high].flatMap((value) => [
    svg("line", { class: "rule", x1: LEFT, x2: WIDTH - 10, y1: y(value), y2: y(value) }),
    svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(Number(value.toPrecision(2))).replace("-", "−")),
  ]);
  const shares = [0, 0.5, 1].map((share) =>
    svg(
      "text",
      { x: x(share), y: HEIGHT - BOTTOM + 15, "text-anchor": ["start", "middle", "end"][share * 2] },
      `${100 * share}%`,
    ),
  );
  const title = way === "deletion" ? "taken away: should fall early" : "only these left: should rise early";
  const drawing = svg(
    "svg",
    {
      width: WIDTH,
      height: HEIGHT,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `${quantity}, tokens ${title}`,
    },
    svg("text", { class: "title", x: LEFT, y: 12 }, title),
    ...ticks,
    ...shares,
    svg("text", { x: x(0.5), y: HEIGHT - 4, "text-anchor": "middle" }, "share of tokens"),
    svg("path", { class: "band", d: path([...upper, ...lower.reverse()]) }),
    svg("path", { class: "curve chance", d: path(points((step) => mean[step])) }),
    ...lines,
  );
  return { element: drawing, lines };
}

/**
 * The ends of the scale: all that a probability can be, or what the methods reach.
 * @param {Payload} payload
 * @returns {[number, number]}
 */
function extent({ methods, random, quantity }) {
  if (quantity === "probability") return [0, 1];
  const values = [
    ...methods.flatMap(({ deletion, insertion }) => [...deletion, ...insertion]),
    ...random.deletion.mean,
    ...random.insertion.mean,
  ].filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}

/**
 * @param {number | null} mean
 * @param {number | null} spread
 * @param {1 | -1} side
 */
function band(mean, spread, side) {
  return mean === null || spread === null ? null : mean + side * spread;
}

/** @param {number | null} value */
function number(value) {
  return value === null ? "–" : (Math.abs(value) < 0.0005 ? 0 : value).toFixed(Math.abs(value) < 10 ? 3 : 1).replace("-", "−");
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number} row -1 for none
 * @param {number} column
 */
function describe(detail, payload, row, column) {
  const { methods, random, removal, agreement } = payload;
  if (row < 0) return say(detail, `a token is taken away by putting the ${removal} embedding in its place`);
  const label = row < methods.length ? methods[row].label : "random orders";
  if (column >= FIGURES.length) {
    const other = methods[column - FIGURES.length].label;
    return say(
      detail,
      row < methods.length
        ? `${label} and ${other} rank tokens with Spearman’s ρ = ${number(agreement[row][column - FIGURES.length])}`
        : label,
    );
  }
  const [key, name, more] = FIGURES[column];
  const value = row < methods.length ? methods[row][key] : random[key].mean;
  const error = row < methods.length ? methods[row].completeness_error : null;
  return say(
    detail,
    label,
    [`${name} `, el("b", {}, number(value)), more ? ", more is better" : ", less is better"],
    `random ${number(random[key].mean)} ± ${number(random[key].spread)}`,
    error === null ? null : `completeness error ${percent(error)}`,
  );
}
