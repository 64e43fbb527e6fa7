/** What every layer would have written at every position: a heat map of words, and one word on its way through the layers. */
import { fill, magnitude, rankShade } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactPercent, percent, whole } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { cell, columnName, grid, mark } from "../parts/grid.js";
import { hands } from "../parts/hands.js";
import { legend } from "../parts/legend.js";
import { chart } from "../parts/lines.js";
import { switcher } from "../parts/switch.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").LensPayload} Payload */
/** @typedef {import("../types.js").Quantity} Quantity */
/** @typedef {import("../types.js").Theme} Theme */
/** @typedef {{row: number, column: number}} Place */

/** What each quantity is called on its switch. @type {Record<Quantity, string>} */
const NAMES = { probability: "probability", rank: "rank", surprisal: "surprisal", entropy: "entropy", kl: "KL" };

// The top of the chart: the smallest of these that holds every probability.
const FULL = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function lens(payload, context) {
  const { layers, columns, best, words, rank } = payload;
  const quantities = /** @type {Quantity[]} */ (Object.keys(payload.quantities));
  const reads = columns.map(({ read }) => columnName(nameOf(read), "read"));
  const writes = columns.map(({ token }) => columnName(nameOf(token), "written"));
  const cells = best.map((row, r) => row.map((choices, c) => wordCell(words[choices[0]], rank[r][c] === 1)));
  const table = grid({
    label: payload.subtitle,
    name: "ranks lens",
    fit: true,
    rows: layers.map((_, row) => ({ name: stateName(payload, row), cells: cells[row] })),
    head: columns.some(({ read }) => read) ? reads : undefined,
    foot: writes,
  });
  const detail = detailLine();
  const key = legend(context, { signed: false, low: "", high: "", digits: 5 });
  const what = el("span", { class: "what" });
  const state = { quantity: payload.quantity, theme: /** @type {Theme} */ ("light"), ...lastPlace(payload), choice: 0 };

  const paint = () => {
    table.cells.forEach((item, index) => {
      const value = payload[state.quantity][Math.floor(index / columns.length)][index % columns.length];
      fill(item, value === null ? null : magnitude(shade(payload, state.quantity, value), state.theme), state.theme);
    });
    key.set(...ends(payload, state.quantity));
    what.textContent = payload.quantities[state.quantity];
  };
  context.onTheme((theme) => {
    state.theme = theme;
    paint();
  });
  const choose = switcher(
    "colour:",
    quantities.map((name) => NAMES[name]),
    quantities.indexOf(state.quantity),
    (index) => {
      state.quantity = quantities[index];
      paint();
    },
  );
  if (!table.cells.length) {
    say(detail, "no positions");
    return frame(payload, { drawing: [table.element], detail });
  }
  const beside = panel(payload, context);
  const follow = () => {
    const id = best[state.row][state.column][state.choice];
    cells.forEach((row, r) => {
      row.forEach((item, c) => {
        item.classList.toggle("same", best[r][c][0] === id);
      });
    });
    beside.show(state, state.choice);
  };
  hands(beside.list, beside.items, {
    columns: 1,
    show({ at, held }) {
      state.choice = held ?? at ?? 0;
      follow();
    },
  });
  hands(table.element, table.cells, {
    columns: table.columns,
    start: table.cells.length - 1,
    show({ at, held }) {
      const shown = held ?? at;
      const [row, column] = shown === null ? [-1, -1] : [Math.floor(shown / columns.length), shown % columns.length];
      mark(table.names, row);
      mark(reads, column);
      mark(writes, column);
      if (shown !== null) Object.assign(state, { row, column });
      follow();
      describe(detail, payload, shown === null ? null : { row, column });
    },
  });
  return frame(payload, {
    drawing: [el("div", { class: "above" }, choose, what), table.element, beside.element],
    detail,
    keys: `${columns.some(({ read }) => read) ? "above: what was read \u00b7 " : ""}below: what stands there, outlined where likeliest \u00b7 hover or arrows to read \u00b7 click to hold \u00b7 Esc to release`,
    touch: "tap a cell, then a word below, to follow it through the layers",
    legend: key.element,
  });
}

/**
 * What one cell says, as a list, and the way of one of its words through the layers.
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
function panel(payload, context) {
  const { best, shares, words, columns, probability } = payload;
  const full = FULL.filter((share) => share >= Math.max(0, ...shares.flat(2).map(Number))).pop() ?? 1;
  const rows = best[0][0].map((_, choice) => choiceRow(choice));
  const title = el("div", { class: "of" });
  const list = el(
    "div",
    { class: "ranked", role: "listbox", "aria-label": "the words of one cell" },
    ...rows.map((row) => row.element),
  );
  const drawn = chart(context, {
    title: "",
    label: "probability of words over the layers",
    steps: payload.layers.map((layer, row) => (payload.parts[row] === "block" ? String(layer) : "")),
    scale: {
      at: (value) => value / full,
      ticks: [0, full / 2, full].map((value) => ({ value, text: `${Number((100 * value).toPrecision(2))}%` })),
    },
    width: 460,
    height: 250,
  });
  return {
    element: el("div", { class: "panel" }, el("div", {}, title, list), drawn.element),
    list,
    items: rows.map(({ element }) => element),
    /**
     * @param {Place} place
     * @param {number} choice
     */
    show({ row, column }, choice) {
      const { token, position } = columns[column];
      title.textContent = `${stateName(payload, row)}, position ${position}`;
      rows.forEach((item, k) => {
        item.set(words[best[row][column][k]], shares[row][column][k], full);
      });
      const word = words[best[row][column][choice]];
      const own = { name: nameOf(token), values: probability.map((values) => values[column]) };
      const other = {
        name: nameOf(word),
        values: best.map((values, r) => shares[r][column][values[column].indexOf(best[row][column][choice])] ?? null),
      };
      drawn.draw(word.id === token.id ? [own] : [own, other], `probability at position ${position}`);
    },
  };
}

/** @param {number} choice */
function choiceRow(choice) {
  const [name, share, bar] = [el("bdi", { class: "name" }), el("span", { class: "share" }), el("span", { class: "bar" })];
  const element = el(
    "div",
    { class: "row", role: "option" },
    el("span", { class: "rank" }, String(choice + 1)),
    " ",
    name,
    " ",
    el("span", { class: "track" }, bar),
    " ",
    share,
  );
  return {
    element,
    /**
     * @param {{text: string}} word
     * @param {number | null} value
     * @param {number} full
     */
    set(word, value, full) {
      name.textContent = nameOf(word);
      share.textContent = percent(value);
      bar.style.width = `${Math.min(100, (100 * (value ?? 0)) / full)}%`;
    },
  };
}

/**
 * @param {{text: string}} word
 * @param {boolean} first whether it is what stands there
 */
function wordCell(word, first) {
  const item = cell(el("bdi", { class: "name" }, nameOf(word)));
  item.classList.toggle("first", first);
  return item;
}

/**
 * @param {Payload} payload
 * @param {number} row
 */
function stateName({ layers, parts }, row) {
  return parts[row] === "block" ? `layer ${layers[row]}` : `${layers[row]} attention`;
}

/** @param {Payload} payload */
function lastPlace({ layers, columns }) {
  return { row: layers.length - 1, column: columns.length - 1 };
}

/**
 * How dark a value is, 0..1; nats end at what the most undecided layer would have.
 * @param {Payload} payload
 * @param {Quantity} quantity
 * @param {number} value
 */
function shade({ vocab_size: size }, quantity, value) {
  if (quantity === "probability") return value;
  return quantity === "rank" ? rankShade(value, size) : Math.min(1, value / Math.log(Math.max(2, size)));
}

/**
 * The texts at the ends of the scale.
 * @param {Payload} payload
 * @param {Quantity} quantity
 * @returns {[string, string]}
 */
function ends(payload, quantity) {
  if (quantity === "probability") return ["0%", "100%"];
  if (quantity === "rank") return [whole(payload.vocab_size), "rank 1"];
  const most = Math.log(Math.max(2, payload.vocab_size));
  return ["0", `${most.toFixed(1)}${payload[quantity].flat().some((value) => Number(value) > most) ? "+" : ""} nats`];
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {Place | null} place
 */
function describe(detail, payload, place) {
  const { row, column } = place ?? lastPlace(payload);
  const { token, position } = payload.columns[column];
  const rank = payload.rank[row][column];
  return say(
    detail,
    stateName(payload, row),
    [quoted(token.text), ` at position ${position}: `, el("b", {}, rank === null ? "no rank" : `rank ${whole(rank)}`)],
    `probability ${exactPercent(payload.probability[row][column])}`,
    `surprisal ${nats(payload.surprisal[row][column])}`,
    `entropy ${nats(payload.entropy[row][column])}`,
    `KL ${nats(payload.kl[row][column])} nats`,
  );
}

/** @param {number | null} value */
function nats(value) {
  return value === null ? "?" : value.toFixed(2);
}
