/** The detail line: one line of fixed height that says the exact numbers of what is pointed at. */
import { el } from "./dom.js";

/** A detail line, empty. */
export function detailLine() {
  return el("div", { class: "detail", "aria-live": "polite" });
}

/**
 * Phrases with dots between them; a list is one phrase of several pieces.
 * @param {HTMLElement} line
 * @param {...(import("../types.js").Phrase | null)} phrases null is left out
 */
export function say(line, ...phrases) {
  const said = phrases.filter((phrase) => phrase !== null);
  line.replaceChildren(...said.flatMap((phrase, index) => [...(index ? [" \u00b7 "] : []), ...[phrase].flat()]));
}
