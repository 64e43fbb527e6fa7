/** What stands around every drawing: title, detail line, note, keys and legend. */
import { el } from "./dom.js";

/**
 * @param {{title: string, subtitle: string, note: string | null}} payload
 * @param {{drawing: Node[], detail: HTMLElement, keys?: string, touch?: string, legend?: HTMLElement}} parts
 */
export function frame(payload, { drawing, detail, keys, touch, legend }) {
  return el(
    "div",
    { role: "figure", "aria-label": payload.title },
    el("div", { class: "head" }, el("b", {}, payload.title), " ", el("span", {}, payload.subtitle)),
    ...drawing,
    detail,
    payload.note ? el("div", { class: "note" }, payload.note) : null,
    el(
      "div",
      { class: "foot" },
      keys && touch ? el("span", {}, el("span", { class: "keys" }, keys), el("span", { class: "touch" }, touch)) : null,
      legend,
    ),
  );
}
