/** One answer explained by several methods: the text once for each, coloured by its scores, and how far they agree. */
import { diverging, fill } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactScore, score } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { cell, columnName, grid, mark } from "../parts/grid.js";
import { hands } from "../parts/hands.js";
import { legend } from "../parts/legend.js";
import { list, strip } from "../parts/strip.js";
import { quoted } from "../parts/text.js";

/** @typedef {import("../types.js").ComparisonPayload} Payload */

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function comparison(payload, context) {
  const { methods, tokens, target, seen, named, signed } = payload;
  const detail = detailLine();
  const texts = methods.map((method) => text(payload, method, context));
  const rows = el(
    "div",
    { class: "methods long", ...list(tokens, "tokens, once for each method, coloured by its scores") },
    ...texts.flatMap(({ name, drawn }) => [name, drawn.element]),
  );
  const items = texts.flatMap(({ drawn }) => drawn.items);
  items.forEach((item, index) => {
    const at = index % tokens.length;
    item.classList.toggle("now", named === null && at === target);
    item.classList.toggle("bar-before", at === target);
    item.classList.toggle("after", at >= seen && at !== target);
  });
  /** @type {number | null} */
  let same = null;
  hands(rows, items, {
    columns: tokens.length,
    start: Math.max(0, Math.min(target, tokens.length) - 1),
    show({ at, held }) {
      for (const { drawn } of texts) {
        if (same !== null) drawn.items[same].classList.remove("same");
      }
      const shown = held ?? at;
      same = shown === null ? null : shown % tokens.length;
      for (const { drawn } of texts) {
        if (same !== null) drawn.items[same].classList.add("same");
      }
      describe(detail, payload, shown);
    },
  });
  const agreement = methods.length > 1 ? agree(payload, context, detail) : null;
  return frame(payload, {
    drawing: [rows, ...(agreement ? [agreement] : [])],
    detail,
    keys: "hover or arrows to read \u00b7 click to hold \u00b7 Esc to release",
    touch: "tap a token or a number to read it",
    legend: legend(context, {
      signed,
      low: signed ? "strongest away" : "no score",
      high: signed ? "strongest toward" : "the method\u2019s strongest",
    }).element,
  });
}

/**
 * The text in the scale of one method, and its name.
 * @param {Payload} payload
 * @param {Payload["methods"][number]} method
 * @param {import("../types.js").Context} context
 */
function text({ tokens, n_input: nInput, two_sided: twoSided, signed, unit, seen }, { label, scores }, context) {
  const drawn = strip(tokens, { nInput, signed, label, twoSided });
  drawn.element.setAttribute("role", "group");
  drawn.element.removeAttribute("aria-orientation");
  drawn.element.classList.remove("long");
  const extent = Math.max(0, ...scores.map((value) => Math.abs(value ?? 0)));
  context.onTheme((theme) => {
    drawn.items.forEach((_, index) => {
      const value = index < seen ? (scores[index] ?? null) : null;
      drawn.paint(index, value === null ? null : value / (extent || 1), theme, "");
    });
  });
  const most = el("span", { class: "most" }, `up to ${score(extent, unit, extent)}`);
  return { drawn, name: el("div", { class: "method" }, label, most) };
}

/**
 * The rank correlation of every two methods, and how many of their strongest tokens are the same.
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 * @param {HTMLElement} detail
 */
function agree(payload, context, detail) {
  const { methods, agreement, overlap, top } = payload;
  const heads = methods.map(({ label }) => columnName(label, "read"));
  const table = grid({
    label: "agreement of every two methods",
    name: "figures",
    fit: true,
    head: heads,
    rows: methods.map(({ label }, row) => ({
      name: label,
      cells: methods.map((_, column) =>
        row === column ? cell("\u2013") : cell(`${decimals(agreement[row][column])} \u00b7 ${overlap[row][column]}/${top}`),
      ),
    })),
  });
  context.onTheme((theme) => {
    table.cells.forEach((item, index) => {
      const [row, column] = [Math.floor(index / methods.length), index % methods.length];
      const value = agreement[row][column];
      fill(item, row === column || value === null ? null : diverging(value, theme), theme);
    });
  });
  let told = false;
  hands(table.element, table.cells, {
    columns: methods.length,
    show({ at, held }) {
      const shown = held ?? at;
      const [row, column] = shown === null ? [-1, -1] : [Math.floor(shown / methods.length), shown % methods.length];
      mark(table.names, row);
      mark(heads, column);
      if (shown === null && told) describe(detail, payload, null);
      told = shown !== null;
      if (shown === null) return;
      if (row === column) return say(detail, methods[row].label);
      say(
        detail,
        `${methods[row].label} and ${methods[column].label}`,
        ["rank correlation ", el("b", {}, decimals(agreement[row][column]))],
        [el("b", {}, `${overlap[row][column]} of ${top}`), " strongest tokens are the same"],
      );
    },
  });
  const what = `agreement: rank correlation of the scores (Spearman) \u00b7 how many of the ${top} strongest tokens are the same`;
  return el("div", {}, el("div", { class: "caption" }, what), table.element);
}

/** @param {number | null} value */
function decimals(value) {
  return value === null ? "\u2013" : value.toFixed(2);
}

/**
 * The score that every method gives to a token, or what each of them finds strongest.
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number | null} item
 */
function describe(detail, payload, item) {
  const { tokens, methods, target, seen, named, unit } = payload;
  const explained = named ?? tokens[target] ?? { text: "?" };
  const whom = [el("b", {}, quoted(explained.text, 40)), ` at position ${target}`];
  if (item === null || (item % tokens.length === target && named === null)) {
    return say(detail, whom, `explained by ${methods.map(({ label }) => label).join(", ")}`);
  }
  const at = item % tokens.length;
  const who = [quoted(tokens[at].text, 40), ` at position ${at}`];
  if (at >= seen) return say(detail, who, ["not seen by ", ...whom]);
  const numbers = methods.map(({ label, scores }) => [`${label} `, el("b", {}, exactScore(scores[at] ?? 0, unit))]);
  return say(detail, who, ...numbers);
}
