/** A small switch between a few words, one of which is on. One tab stop; arrows choose. */
import { el } from "./dom.js";

/**
 * @param {string} label what is chosen
 * @param {string[]} names
 * @param {number} start the one that is on at first
 * @param {(index: number) => void} chosen
 */
export function switcher(label, names, start, chosen) {
  const buttons = names.map((name) => el("button", { type: "button", role: "radio" }, name));
  /** @param {number} on */
  const mark = (on) => {
    buttons.forEach((button, index) => {
      button.setAttribute("aria-checked", String(index === on));
      button.tabIndex = index === on ? 0 : -1;
    });
  };
  /** @param {number} on */
  const choose = (on) => {
    mark(on);
    buttons[on].focus();
    chosen(on);
  };
  mark(start);
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => choose(index));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      choose((index + step + names.length) % names.length);
    });
  });
  return el("div", { class: "switch", role: "radiogroup", "aria-label": label }, el("span", {}, label), " ", ...buttons);
}
