/** What linear classifiers read from each layer: accuracy, and how much of it is not known by heart; curves and figures. */
import { fill, magnitude } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { percent } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { cell, columnName, grid, mark } from "../parts/grid.js";
import { hands } from "../parts/hands.js";
import { chart } from "../parts/lines.js";

/** @typedef {import("../types.js").ProbePayload} Payload */
/** @typedef {Payload["series"][number]} Series */

const SIZE = { width: 420, height: 200 };

/** What is tabulated of every series. */
const FIGURES = /** @type {[string, (series: Series, step: number) => number | null][]} */ ([
  ["accuracy", ({ accuracy }, step) => accuracy[step]],
  ["control task", ({ control }, step) => control[step]],
  ["selectivity", selectivity],
]);

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function probe(payload, context) {
  const { layers, series, majority } = payload;
  const steps = layers.map((layer) => (layer === null ? "in" : String(layer)));
  const names = layers.map((layer) => (layer === null ? "embeddings" : `layer ${layer}`));
  const floor = { name: "most frequent", values: layers.map(() => majority) };
  const plots = [
    draw(context, "accuracy on unseen texts", steps, [
      ...series.map(({ name, accuracy }) => ({ name, values: accuracy })),
      floor,
    ]),
    draw(
      context,
      "selectivity: accuracy less the control task’s",
      steps,
      series.map((one) => ({ name: one.name, values: layers.map((_, step) => selectivity(one, step)) })),
    ),
  ];
  const columns = series.flatMap((one) => FIGURES.map(([name, value]) => ({ one, name, value })));
  const table = grid({
    label: payload.subtitle,
    name: "figures",
    fit: true,
    rows: names.map((name, step) => ({ name, cells: columns.map(({ one, value }) => cell(number(value(one, step)))) })),
    head: columns.map(({ one, name }) => columnName(series.length > 1 ? `${one.name}: ${name}` : name, "read")),
  });
  const detail = detailLine();
  context.onTheme((theme) => {
    table.cells.forEach((item, index) => {
      const { one, name } = columns[index % columns.length];
      const value = name === "accuracy" ? one.accuracy[Math.floor(index / columns.length)] : null;
      const shade = value === null ? null : Math.max(0, value - majority) / (1 - majority || 1);
      fill(item, shade === null ? null : magnitude(shade, theme), theme);
    });
  });
  hands(table.element, table.cells, {
    columns: columns.length,
    show({ at, held }) {
      const shown = held ?? at;
      const [step, column] = shown === null ? [-1, -1] : [Math.floor(shown / columns.length), shown % columns.length];
      mark(table.names, step);
      for (const plot of plots) plot.mark(column < 0 ? -1 : series.indexOf(columns[column].one));
      if (step < 0) say(detail, `always saying the most frequent label is right in ${percent(majority)}`);
      else describe(detail, columns[column].one, names[step], step);
    },
  });
  return frame(payload, {
    drawing: [el("div", { class: "charts" }, ...plots.map(({ element }) => element)), table.element],
    detail,
    keys: "hover or arrows to read \u00b7 click to hold \u00b7 Esc to release",
    touch: "tap a number to read it",
  });
}

/**
 * @param {import("../types.js").Context} context
 * @param {string} title
 * @param {string[]} steps
 * @param {import("../parts/lines.js").Line[]} lines
 */
function draw(context, title, steps, lines) {
  const values = lines.flatMap((line) => line.values).filter((value) => value !== null);
  const [low, high] = [
    Math.floor(10 * Math.min(0, ...values) + 1e-9) / 10,
    Math.ceil(10 * Math.max(0.1, ...values) - 1e-9) / 10,
  ];
  const ticks = [...new Set([low, 0, high / 2, high])].map((value) => ({ value, text: `${Math.round(100 * value)}%` }));
  const scale = { at: (/** @type {number} */ value) => (value - low) / (high - low), ticks };
  const plot = chart(context, { title, label: title, steps, scale, ...SIZE });
  plot.draw(lines);
  return plot;
}

/**
 * @param {Series} series
 * @param {number} step
 */
function selectivity({ accuracy, control }, step) {
  const [own, chance] = [accuracy[step], control[step]];
  return own === null || chance === null ? null : own - chance;
}

/** @param {number | null} value */
function number(value) {
  return value === null ? "–" : percent(Math.abs(value) < 0.0005 ? 0 : value).replace("-", "−");
}

/**
 * @param {HTMLElement} detail
 * @param {Series} series
 * @param {string} layer
 * @param {number} step
 */
function describe(detail, series, layer, step) {
  if (series.accuracy[step] === null) return say(detail, `${layer}: no ${series.name}`);
  return say(
    detail,
    `${series.name}, ${layer}`,
    ["accuracy ", el("b", {}, number(series.accuracy[step])), ` ± ${number(series.spread[step])} over folds`],
    `control task ${number(series.control[step])}`,
    ["selectivity ", el("b", {}, number(selectivity(series, step)))],
  );
}
