/** The tokens of a run, perhaps coloured by one number each. */
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { exactScore } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { hands } from "../parts/hands.js";
import { ends, legend } from "../parts/legend.js";
import { strip } from "../parts/strip.js";
import { quoted } from "../parts/text.js";

/** @typedef {import("../types.js").TokensPayload} Payload */

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function tokens(payload, context) {
  const { tokens, values, unit, signed, n_input: nInput } = payload;
  const known = (values ?? []).filter((value) => value !== null);
  const extent = unit === "share" ? 1 : Math.max(0, ...known.map(Math.abs)) || 1;
  const drawn = strip(tokens, { nInput, signed, label: "tokens", twoSided: payload.two_sided });
  const detail = detailLine();
  context.onTheme((theme) => {
    for (let index = 0; index < tokens.length; index++) {
      const value = values?.[index] ?? null;
      drawn.paint(index, value === null ? null : value / extent, theme, "");
    }
  });
  if (drawn.items.length) {
    hands(drawn.element, drawn.items, {
      show({ at, held }) {
        describe(detail, payload, held ?? at);
      },
    });
  } else {
    drawn.element.append(el("span", { class: "none" }, "no tokens"));
    say(detail, "\u00a0");
  }
  const [low, high] = ends(extent, unit, signed);
  return frame(payload, {
    drawing: [drawn.element],
    detail,
    keys: tokens.length ? "hover or \u2190 \u2192 to walk the tokens \u00b7 click to hold \u00b7 Esc to release" : undefined,
    touch: "tap a token to hold it",
    legend: known.length ? legend(context, { signed, low, high }).element : undefined,
  });
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {number | null} index
 */
function describe(detail, { tokens, values, value_name: name, unit, n_input: nInput }, index) {
  if (index === null) return say(detail, `${tokens.length} tokens`, `${nInput} read, ${tokens.length - nInput} written`);
  const { text, id, special, part } = tokens[index];
  const value = values?.[index] ?? null;
  return say(
    detail,
    quoted(text),
    value === null ? null : [`${name ?? "value"} `, el("b", {}, exactScore(value, unit))],
    values && value === null ? `no ${name ?? "value"}` : null,
    `position ${index}, ${index < nInput ? "read" : "written"}`,
    `id ${id}`,
    special ? "special" : null,
    part ? "a later piece of a character" : null,
  );
}
