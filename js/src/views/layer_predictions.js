/** What each layer would have said: rows of layers, their most likely tokens with percent and bar. */
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactPercent, percent, ranges } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { cell, grid, mark } from "../parts/grid.js";
import { hands } from "../parts/hands.js";
import { contextLine } from "../parts/strip.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").LayerPredictionsPayload} Payload */
/** @typedef {import("../types.js").Prediction} Prediction */

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} _context
 */
export function layerPredictions(payload, _context) {
  const { layers, predictions } = payload;
  const width = Math.max(0, ...predictions.map((row) => row.length));
  const flat = predictions.flatMap((row) => Array.from({ length: width }, (_, k) => row[k] ?? null));
  const items = flat.map((prediction) => choiceCell(prediction, goalOf(payload)?.id ?? null, width));
  const table = grid({
    label: payload.subtitle,
    name: "layers",
    rows: layers.map((layer, row) => ({ name: `layer ${layer}`, cells: items.slice(row * width, (row + 1) * width) })),
  });
  const detail = detailLine();
  if (items.length) {
    hands(table.element, items, {
      columns: width,
      start: (layers.length - 1) * width,
      show({ at, held }) {
        const shown = held ?? at;
        const id = shown === null ? null : flat[shown]?.id;
        items.forEach((item, index) => {
          item.classList.toggle("same", flat[index] !== null && flat[index].id === id);
        });
        mark(table.names, shown === null ? -1 : Math.floor(shown / width));
        describe(detail, payload, shown === null ? null : { row: Math.floor(shown / width), rank: (shown % width) + 1 });
      },
    });
  } else say(detail, "no predictions");
  return frame(payload, {
    drawing: [contextLine(payload), table.element],
    detail,
    keys: "hover or arrows to find a token in the other layers \u00b7 click to hold \u00b7 Esc to release",
    touch: "tap a token to find it in the other layers",
  });
}

/**
 * @param {Prediction | null} prediction
 * @param {number | null} wanted
 * @param {number} count how many stand side by side
 */
function choiceCell(prediction, wanted, count) {
  if (!prediction) return cell();
  const share = percent(prediction.probability);
  const item = cell(
    el("div", { class: "line" }, el("bdi", { class: "name" }, nameOf(prediction)), " ", el("span", { class: "share" }, share)),
    el("div", { class: "bar", style: `width:${100 * (prediction.probability ?? 0)}%` }),
  );
  item.classList.add("choice");
  item.style.width = `${100 / count}%`;
  item.classList.toggle("hit", prediction.id === wanted);
  return item;
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {{row: number, rank: number} | null} place
 */
function describe(detail, payload, place) {
  if (place === null) return say(detail, ...summary(payload));
  const prediction = payload.predictions[place.row][place.rank - 1];
  if (!prediction) return say(detail, "nothing");
  const others = payload.layers.filter(
    (_, row) => row !== place.row && payload.predictions[row].some((p) => p.id === prediction.id),
  );
  return say(
    detail,
    [`layer ${payload.layers[place.row]}, rank ${place.rank}`],
    quoted(prediction.text),
    el("b", {}, exactPercent(prediction.probability)),
    `id ${prediction.id}`,
    others.length ? `also in layer ${ranges(others)}` : "in no other layer",
  );
}

/**
 * The text's token, or if it has none there, the one that the last layer would write.
 * @param {Payload} payload
 */
function goalOf({ token, predictions }) {
  return token ?? predictions[predictions.length - 1]?.[0];
}

/**
 * Where the text's token, or the last layer's first one, comes to the top.
 * @param {Payload} payload
 */
function summary(payload) {
  const { token, layers, predictions } = payload;
  const goal = goalOf(payload);
  if (!goal) return ["no predictions"];
  const first = layers.filter((_, row) => predictions[row][0]?.id === goal.id);
  const noun = first.length > 1 ? "layers" : "layer";
  const where = `is on top in ${first.length ? `${noun} ${ranges(first)}` : "no layer"}`;
  return [[...(token ? ["the text has "] : ["the last layer says "]), quoted(goal.text), ` at this position, which ${where}`]];
}
