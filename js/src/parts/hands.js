/** Hands on a figure: hover and arrows preview, click and Enter hold, Escape releases. One tab stop for all items. */

/**
 * @typedef {object} Options
 * @property {(hold: import("../types.js").Hold) => void} show draws a state
 * @property {number} [columns] of a grid; 0 for running text
 * @property {number} [start] the item that Tab reaches first
 * @property {(index: number) => boolean} [holds] whether an item can be held
 */

/**
 * The item that is pointed at gets the class `pointed`, the one that is held `held`.
 *
 * @param {HTMLElement} box what the items lie in
 * @param {HTMLElement[]} items
 * @param {Options} options
 */
export function hands(box, items, { show, columns = 0, start = 0, holds = () => true }) {
  const indices = new Map(items.map((item, index) => [/** @type {Node} */ (item), index]));
  /** @type {number | null} */
  let hover = null;
  /** @type {number | null} */
  let focus = null;
  /** @type {number | null} */
  let held = null;
  let stop = Math.min(Math.max(start, 0), items.length - 1);

  /** @type {import("../types.js").Hold} */
  let shown = { at: null, held: null };

  const draw = () => {
    const next = { at: hover ?? focus, held };
    if (shown.at !== null) items[shown.at].classList.remove("pointed");
    if (shown.held !== null) items[shown.held].classList.remove("held");
    if (next.at !== null && next.at !== held) items[next.at].classList.add("pointed");
    if (held !== null) items[held].classList.add("held");
    shown = next;
    show(next);
  };

  /** @param {Event} event */
  const itemOf = (event) => {
    for (let node = /** @type {Node | null} */ (event.target); node && node !== box; node = node.parentNode) {
      const index = indices.get(node);
      if (index !== undefined) return index;
    }
    return null;
  };

  /** @param {number} index */
  const stopAt = (index) => {
    items[stop].tabIndex = -1;
    stop = index;
    items[stop].tabIndex = 0;
  };

  /** @param {number | null} index */
  const hold = (index) => {
    if (held !== null) items[held].setAttribute("aria-selected", "false");
    held = index === held || index === null || !holds(index) ? null : index;
    if (held !== null) items[held].setAttribute("aria-selected", "true");
    draw();
  };

  /** @param {number} index */
  const walk = (index) => {
    hover = null;
    stopAt(index);
    items[index].focus();
  };

  const letGo = () => {
    if (held !== null) return hold(null);
    if (hover === null) items[stop].blur();
    hover = null;
    return draw();
  };

  items.forEach((item, index) => {
    item.tabIndex = index === stop ? 0 : -1;
    if (holds(index)) item.setAttribute("aria-selected", "false");
  });

  box.addEventListener("pointerover", (event) => {
    const index = itemOf(event);
    if (index === null || index === hover) return;
    hover = index;
    draw();
  });
  box.addEventListener("pointerleave", () => {
    hover = null;
    draw();
  });
  box.addEventListener("focusin", (event) => {
    const index = itemOf(event);
    if (index === null) return;
    stopAt(index);
    focus = index;
    draw();
  });
  box.addEventListener("focusout", () => {
    focus = null;
    draw();
  });
  box.addEventListener("click", (event) => {
    const index = itemOf(event);
    if (index === null) return;
    stopAt(index);
    if (holds(index)) hold(index);
  });
  box.addEventListener("keydown", (event) => {
    const index = itemOf(event);
    if (index === null || event.altKey || event.metaKey) return;
    const next = target(event, index, items.length, columns, (down) => onLine(items, index, down));
    if (next !== null) walk(next);
    else if (event.key === "Enter" || event.key === " ") {
      if (holds(index)) hold(index);
    } else if (event.key === "Escape") letGo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  draw();
}

/**
 * Where a key leads from an item; null if it is no key for walking.
 * @param {KeyboardEvent} event
 * @param {number} index
 * @param {number} count of all items
 * @param {number} columns of a grid; 0 for running text
 * @param {(down: 1 | -1) => number} onLine the item above or below in running text
 */
export function target(event, index, count, columns, onLine) {
  const last = count - 1;
  const rowStart = columns > 1 && !event.ctrlKey ? index - (index % columns) : 0;
  const rowEnd = columns > 1 && !event.ctrlKey ? Math.min(rowStart + columns - 1, last) : last;
  if (event.key === "Home") return rowStart;
  if (event.key === "End") return rowEnd;
  if (event.ctrlKey) return null;
  if (event.key === "ArrowLeft") return Math.max(index - 1, rowStart);
  if (event.key === "ArrowRight") return Math.min(index + 1, rowEnd);
  const down = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (down === 0) return null;
  const next = columns ? index + down * columns : onLine(down);
  return next < 0 || next > last ? index : next;
}

/**
 * The item above or below in running text.
 * @param {HTMLElement[]} items
 * @param {number} index
 * @param {1 | -1} down
 */
function onLine(items, index, down) {
  const from = items[index].getBoundingClientRect();
  let best = index;
  let line = from.top;
  let nearest = Number.POSITIVE_INFINITY;
  for (let next = index + down; items[next]; next += down) {
    const box = items[next].getBoundingClientRect();
    if (Math.abs(box.top - line) > from.height / 2) {
      if (best !== index) break;
      line = box.top;
    }
    if (Math.abs(line - from.top) <= from.height / 2) continue;
    const distance = Math.abs(box.left + box.width / 2 - from.left - from.width / 2);
    if (distance >= nearest) continue;
    nearest = distance;
    best = next;
  }
  return best;
}
