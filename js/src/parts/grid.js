/** Rows of cells that are walked like a grid; their names stay in sight while the rest scrolls. */
import { el } from "./dom.js";

/**
 * @typedef {object} Rows
 * @property {string} label
 * @property {string} name class of the table
 * @property {{name: string, cells: HTMLElement[]}[]} rows
 * @property {boolean} [fit] whether it is only as wide as its cells need
 * @property {HTMLElement[]} [head] names above the columns
 * @property {HTMLElement[]} [foot] names below the columns
 */

/**
 * @param {Rows} rows
 * @returns {{element: HTMLElement, cells: HTMLElement[], columns: number, names: HTMLElement[]}}
 */
export function grid({ label, name, rows, head, foot, fit = false }) {
  const names = rows.map((row) => el("th", { scope: "row", class: "layer" }, row.name));
  const body = el("tbody", {}, ...rows.map((row, index) => el("tr", {}, names[index], ...row.cells)));
  const table = el(
    "table",
    { role: "grid", "aria-label": label, class: name },
    head ? el("thead", {}, el("tr", {}, corner(), ...head)) : null,
    body,
    foot ? el("tfoot", {}, el("tr", {}, corner(), ...foot)) : null,
  );
  return {
    element: el("div", { class: fit ? "scroll fit" : "scroll" }, table),
    cells: rows.flatMap((row) => row.cells),
    columns: Math.max(1, ...rows.map((row) => row.cells.length)),
    names,
  };
}

/**
 * A cell.
 * @param {...(Node | string)} children
 */
export function cell(...children) {
  return el("td", { role: "gridcell" }, ...children);
}

/**
 * The name of a column, cut if it is long.
 * @param {string} text
 * @param {string} kind class
 */
export function columnName(text, kind) {
  return el("th", { scope: "col", class: kind }, el("bdi", { class: "name" }, text));
}

/** The empty corner above or below the names. */
function corner() {
  return el("td", { class: "layer" });
}

/**
 * Marks the name of the row or column that is pointed at.
 * @param {HTMLElement[]} names
 * @param {number} on -1 for none
 */
export function mark(names, on) {
  for (const [index, name] of names.entries()) name.classList.toggle("on", index === on);
}
