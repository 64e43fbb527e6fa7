/** At which rank every layer held a token: a heat map, rank 1 darkest. */
import { fill, magnitude, rankShade } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactPercent, shortRank, whole } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { cell, columnName, grid, mark } from "../parts/grid.js";
import { hands } from "../parts/hands.js";
import { legend } from "../parts/legend.js";
import { chart, rankScale } from "../parts/lines.js";
import { contextLine } from "../parts/strip.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").RankingsPayload} Payload */

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function rankings(payload, context) {
  const { columns, layers, ranks, watched, vocab_size: size } = payload;
  const reads = columns.map(({ read }) => columnName(nameOf(read), "read"));
  const writes = columns.map(({ token }) => columnName(nameOf(token), "written"));
  const table = grid({
    label: payload.subtitle,
    name: "ranks",
    fit: true,
    rows: layers.map((layer, row) => ({
      name: `layer ${layer}`,
      cells: ranks[row].map(rankCell),
    })),
    head: watched ? undefined : reads,
    foot: writes,
  });
  const detail = detailLine();
  const race = watched && columns.length > 1 && layers.length > 1 ? raceOf(payload, context) : null;
  context.onTheme((theme) => {
    table.cells.forEach((item, index) => {
      const rank = ranks[Math.floor(index / columns.length)][index % columns.length];
      fill(item, rank === null ? null : magnitude(rankShade(rank, size), theme), theme);
    });
  });
  if (table.cells.length) {
    hands(table.element, table.cells, {
      columns: table.columns,
      start: (layers.length - 1) * table.columns,
      show({ at, held }) {
        const shown = held ?? at;
        const [row, column] = shown === null ? [-1, -1] : [Math.floor(shown / table.columns), shown % table.columns];
        mark(table.names, row);
        mark(reads, column);
        mark(writes, column);
        race?.mark(column);
        describe(detail, payload, row, column);
      },
    });
  } else say(detail, "no ranks");
  return frame(payload, {
    drawing: [
      ...(watched && payload.context ? [contextLine({ ...payload, context: payload.context })] : []),
      race ? el("div", { class: "pair" }, table.element, race.element) : table.element,
    ],
    detail,
    keys: `${watched ? "" : "above: what the model had read \u00b7 below: what stands there \u00b7 "}hover or arrows to read \u00b7 click to hold \u00b7 Esc to release`,
    touch: "tap a cell for its exact rank",
    legend: legend(context, { signed: false, low: whole(size), high: "rank 1" }).element,
  });
}

/**
 * The ranks of several watched tokens as lines that cross where one overtakes another.
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
function raceOf({ columns, layers, ranks }, context) {
  const drawn = chart(context, {
    title: "rank, layer by layer",
    label: "ranks of the watched tokens over the layers, rank 1 at the top",
    steps: layers.map(String),
    scale: rankScale(ranks.flat(), shortRank),
    width: Math.min(620, 240 + 36 * layers.length),
    height: Math.max(210, 60 + 18 * columns.length),
  });
  drawn.draw(columns.map(({ token }, column) => ({ name: nameOf(token), values: ranks.map((row) => row[column]) })));
  return drawn;
}

/** @param {number | null} rank */
function rankCell(rank) {
  const item = cell(shortRank(rank));
  item.classList.toggle("first", rank === 1);
  return item;
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number} row -1 for none
 * @param {number} column
 */
function describe(detail, payload, row, column) {
  if (row < 0) return say(detail, summary(payload));
  const rank = payload.ranks[row][column];
  const { token, position } = payload.columns[column];
  const best = payload.best[row][column];
  const share = payload.probabilities[row][column];
  return say(
    detail,
    `layer ${payload.layers[row]}`,
    [quoted(token.text), ` at position ${position}`],
    rank === null ? "no rank" : [el("b", {}, `rank ${whole(rank)}`), ` of ${whole(payload.vocab_size)}`],
    share === null ? null : `probability ${exactPercent(share)}`,
    best === null || rank === 1 ? null : ["layer\u2019s best: ", quoted(best)],
  );
}

/**
 * What the last layer shown says.
 * @param {Payload} payload
 */
function summary({ ranks, layers }) {
  const last = ranks[ranks.length - 1];
  const first = last.filter((rank) => rank === 1).length;
  const what = last.length === 1 ? "the token is" : `${first} of ${last.length} tokens are`;
  const rank = last.length === 1 ? `at rank ${last[0] === null ? "?" : whole(last[0])}` : "at rank 1";
  return `after layer ${layers[layers.length - 1]}: ${what} ${rank}`;
}
