/** What two runs wrote after one text: each token coloured by how its log-probability changes from the first to the second. */
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactScore } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { hands } from "../parts/hands.js";
import { ends, legend } from "../parts/legend.js";
import { contextLine, list, strip } from "../parts/strip.js";
import { quoted } from "../parts/text.js";

/** @typedef {import("../types.js").DifferencePayload} Payload */

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function difference(payload, context) {
  const { texts } = payload;
  const detail = detailLine();
  const extent = Math.max(0, ...texts.flatMap(({ changes }) => changes.map((change) => Math.abs(change ?? 0)))) || 1;
  const rows = texts.map((text) => {
    const drawn = strip(text.tokens, { nInput: text.tokens.length, signed: true, label: text.label });
    drawn.element.setAttribute("role", "group");
    drawn.element.removeAttribute("aria-orientation");
    drawn.items.forEach((item, index) => {
      item.classList.toggle("differs", text.differs[index] === 1);
    });
    context.onTheme((theme) => {
      for (const [index, change] of text.changes.entries()) {
        drawn.paint(index, change === null ? null : change / extent, theme, "");
      }
    });
    return { text, drawn };
  });
  const places = rows.flatMap(({ text, drawn }) => drawn.items.map((item, index) => ({ text, item, index })));
  const box = el(
    "div",
    { class: "methods", ...list(texts[0].tokens, "tokens of both texts, coloured by how they change") },
    ...rows.flatMap(({ text, drawn }) => [el("div", { class: "method" }, text.label), drawn.element]),
  );
  hands(
    box,
    places.map(({ item }) => item),
    {
      show({ at, held }) {
        const shown = held ?? at;
        describe(detail, payload, shown === null ? null : places[shown]);
      },
    },
  );
  const [low, high] = ends(extent, "raw", true);
  return frame(payload, {
    drawing: [contextLine(payload), box],
    detail,
    keys: "hover or \u2190 \u2192 to walk the tokens \u00b7 click to hold \u00b7 Esc to release",
    touch: "tap a token to hold it",
    legend: legend(context, { signed: true, low: `less likely ${low}`, high: `+${high} more likely` }).element,
  });
}

/**
 * The log-probabilities of a token, or how much of the two texts is the same.
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {{text: Payload["texts"][number], index: number} | null} place
 */
function describe(detail, { texts, position }, place) {
  if (place === null) {
    const count = texts[1].differs.reduce((sum, differs) => sum + differs, 0);
    return say(detail, `${count} of ${texts[1].tokens.length} tokens of the second text are not in the first`);
  }
  const { text, index } = place;
  const [first, second] = text.log_probabilities.map((row) => row[index]);
  const change = text.changes[index];
  say(
    detail,
    quoted(text.tokens[index].text, 40),
    change === null ? null : ["change ", el("b", {}, `${change > 0 ? "+" : ""}${exactScore(change, "raw")}`)],
    `log-probability ${first ?? "unknown"}, then ${second ?? "unknown"}`,
    text.differs[index] ? "in this text only" : null,
    `position ${position + index}`,
  );
}
