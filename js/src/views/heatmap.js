/** A matrix of numbers as a plane of colours, its rows and columns named; cells that are wide enough hold their number. */
import { palette, shades, textOn } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactScore, score } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { legend } from "../parts/legend.js";
import { bytes } from "../parts/maps.js";
import { edgeName, plane, settle, walk } from "../parts/plane.js";
import { kinds } from "../parts/strip.js";
import { nameOf, quoted, visible } from "../parts/text.js";

/** @typedef {import("../types.js").HeatmapPayload} Payload */
/** @typedef {import("../types.js").Token} Token */
/** @typedef {{row: number, column: number}} Cell */

// Pixels of a cell at most, and the byte that stands for no number.
const [MOST, MISSING] = [40, 255];

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function heatmap(payload, context) {
  const { rows, columns, row_title: down, column_title: across, low, high, unit, n_input: nInput = columns.length } = payload;
  const values = matrixOf(payload);
  const ends = endsOf(values);
  const detail = detailLine();
  if (!ends) {
    say(detail, "no values");
    return frame(payload, { drawing: [], detail });
  }
  const [signed, extent] = [low < 0, Math.max(Math.abs(low), Math.abs(high))];
  const written = (/** @type {number} */ value) => score(value, unit, extent);
  const options = {
    label: payload.subtitle,
    rows: rows.map((row) => edgeName(shortName(row), "t")),
    columns: columns.map((column, index) =>
      edgeName(shortName(column), typeof column === "string" ? "t" : kinds(column, index, nInput)),
    ),
    split: 0,
    seen: () => columns.length,
    most: MOST,
  };
  const drawn = plane(options);
  settle(drawn, context, (theme) => {
    const color = shades(signed, theme);
    drawn.paint(
      (row, column) => {
        const value = values[row][column];
        if (value === null) return null;
        return color(signed ? value / extent : Math.max(0, (value - low) / (high - low)));
      },
      palette(theme).line,
      (row, column) => written(Number(values[row][column])),
      (on) => textOn(on, theme),
    );
  });
  walk(drawn, options, (cell) => {
    if (cell) return say(detail, ...placeOf(payload, cell), numberOf(payload, values, cell));
    const [least, most] = ends.map((end) => [numberOf(payload, values, end), ` (${near(payload, end)})`]);
    return say(detail, ["lowest ", ...least], ["highest ", ...most]);
  });
  const [least, most] = ends.map(({ row, column }) => Number(values[row][column]));
  const key = legend(context, {
    signed,
    low: `${least < low ? "\u2264 " : ""}${written(low)}`,
    high: `${most > high ? "\u2265 " : ""}${written(high)}`,
  });
  const titles = [down && `\u2193 ${down}`, across && `\u2192 ${across}`].filter(Boolean);
  return frame(payload, {
    drawing: [el("div", { class: "above" }, ...titles.map((title) => el("span", {}, title))), drawn.element],
    detail,
    keys: "hover or arrows to read \u00b7 click to hold \u00b7 Esc to release",
    touch: "tap a cell to read it",
    legend: key.element,
  });
}

/**
 * The numbers, unpacked; null where there is none.
 * @param {Payload} payload
 * @returns {(number | null)[][]}
 */
export function matrixOf({ rows, columns, values, low, high }) {
  if (typeof values !== "string") return values;
  const codes = bytes(values);
  return rows.map((_, row) =>
    Array.from(codes.subarray(row * columns.length, (row + 1) * columns.length), (code) =>
      code === MISSING ? null : Number((low + (code / (MISSING - 1)) * (high - low)).toPrecision(3)),
    ),
  );
}

/**
 * The cells with the lowest and the highest number; null if there is no number.
 * @param {(number | null)[][]} values
 * @returns {[Cell, Cell] | null}
 */
function endsOf(values) {
  /** @type {[Cell, Cell] | null} */
  let ends = null;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  values.forEach((numbers, row) => {
    numbers.forEach((value, column) => {
      if (value === null) return;
      ends ??= [
        { row, column },
        { row, column },
      ];
      if (value < least) [ends[0], least] = [{ row, column }, value];
      if (value > most) [ends[1], most] = [{ row, column }, value];
    });
  });
  return ends;
}

/** @param {string | Token} name */
function shortName(name) {
  return typeof name === "string" ? visible(name) : nameOf(name);
}

/**
 * The names of a cell's row and column.
 * @param {Payload} payload
 * @param {Cell} cell
 */
function near({ rows, columns }, { row, column }) {
  return `${shortName(rows[row])}, ${shortName(columns[column])}`;
}

/**
 * The row and the column of a cell, in words.
 * @param {Payload} payload
 * @param {Cell} cell
 * @returns {(string | Node)[][]}
 */
function placeOf({ rows, columns, row_title: down, column_title: across, positions }, { row, column }) {
  const place = positions?.[column] ?? null;
  return [
    [down, " ", typeof rows[row] === "string" ? visible(rows[row]) : quoted(rows[row].text, 40)],
    typeof columns[column] === "string"
      ? [across, " ", visible(columns[column])]
      : [quoted(columns[column].text, 40), place === null ? "" : ` at position ${place}`],
  ];
}

/**
 * @param {Payload} payload
 * @param {(number | null)[][]} values
 * @param {Cell} cell
 */
function numberOf({ value_name: name, unit }, values, { row, column }) {
  const value = values[row][column];
  return el("b", {}, value === null ? "no value" : `${name} ${exactScore(value, unit)}`);
}
