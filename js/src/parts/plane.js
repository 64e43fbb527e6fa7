/** Numbers as a plane of small coloured cells, with the names of rows and columns along its edges; one cell is pointed at. */
import { el } from "./dom.js";
import { mark } from "./grid.js";
import { target } from "./hands.js";

/** @typedef {import("../types.js").Theme} Theme */

/**
 * @typedef {object} Plane
 * @property {string} label
 * @property {HTMLElement[]} rows their names
 * @property {HTMLElement[]} columns
 * @property {number} split the column before which there is a gap; 0 for none
 * @property {(row: number) => number} seen how many columns a row has, from the first on; there is nothing beyond
 * @property {number} [most] pixels that a cell takes at most
 */

// Sizes of a cell in pixels, the width that is taken where none can be measured, and the height that many rows share.
const [LEAST, MOST, WIDTH, HEIGHT, GAP] = [2, 24, 860, 600, 12];

// How much room a name takes across its direction, a character along it, and the width of a cell that holds a number.
const [LINE, LETTER, WIDE] = [14, 8, 32];

const NUMBERS = "11px ui-sans-serif,system-ui,sans-serif";

// A canvas has at most so many pixels.
const PIXELS = 8e6;

/** @param {Plane} options */
export function plane({ label, rows, columns, split, seen, most = MOST }) {
  const canvas = /** @type {HTMLCanvasElement} */ (el("canvas"));
  const cursor = el("div", { class: "cursor", role: "gridcell", tabindex: 0, "aria-selected": "false" });
  const field = el("div", { class: "field", role: "grid", "aria-label": label }, canvas, el("div", { role: "row" }, cursor));
  const [top, left] = [el("div", { class: "top" }, ...columns), el("div", { class: "side" }, ...rows)];
  const element = el(
    "div",
    { class: "scroll" },
    el("div", { class: "plane" }, el("div", { class: "corner" }), top, left, field),
  );
  left.style.width = `${longest(rows, 16)}ch`;
  const size = { width: 0, height: 0 };
  /** @param {number} column */
  const x = (column) => column * size.width + (split && column >= split ? GAP : 0);
  /** @param {number} count the end of so many columns */
  const end = (count) => (count ? x(count - 1) + size.width : 0);

  /** @param {number} room the width that may be taken, in pixels */
  const fit = (room) => {
    const free = (room || WIDTH) - left.offsetWidth - GAP;
    size.width = within(Math.floor((2 * free) / columns.length) / 2, LEAST, most);
    size.height = within(Math.floor((2 * HEIGHT) / rows.length) / 2, LEAST, Math.max(size.width, LINE));
    field.style.width = top.style.width = `${end(columns.length)}px`;
    field.style.height = left.style.height = `${rows.length * size.height}px`;
    thin(rows, size.height, (name, index) => {
      name.style.top = `${(index + 0.5) * size.height}px`;
    });
    const upright = LETTER * longest(columns, 12) > size.width;
    top.style.height = upright ? `${longest(columns, 12)}ch` : `${LINE}px`;
    top.classList.toggle("flat", !upright);
    thin(columns, size.width, (name, index) => {
      name.style.left = `${x(index) + size.width / 2}px`;
    });
    cursor.style.width = `${size.width}px`;
    cursor.style.height = `${size.height}px`;
  };

  /** @param {{row: number, column: number}} cell */
  const point = ({ row, column }) => {
    cursor.style.transform = `translate(${x(column)}px,${row * size.height}px)`;
  };

  return {
    element,
    field,
    cursor,
    fit,
    point,
    /**
     * The cell under a pointer.
     * @param {MouseEvent} event
     */
    under(event) {
      const box = field.getBoundingClientRect();
      const across = event.clientX - box.left - (split && event.clientX - box.left >= x(split) ? GAP : 0);
      return {
        row: within(Math.floor((event.clientY - box.top) / size.height), 0, rows.length - 1),
        column: within(Math.floor(across / size.width), 0, columns.length - 1),
      };
    },
    /**
     * @param {(row: number, column: number) => string | null} color null for a cell that stays empty
     * @param {string} line the colour of the line around what is seen
     * @param {(row: number, column: number) => string} [number] what is written into a cell that has room for it
     * @param {(color: string) => string} [ink] the colour of text on a colour
     */
    paint(color, line, number, ink = () => line) {
      const brush = canvas.getContext?.("2d");
      const [width, height] = [end(columns.length), rows.length * size.height];
      const scale = Math.min(2, Math.sqrt(PIXELS / (width * height)));
      canvas.width = Math.ceil(width * scale);
      canvas.height = Math.ceil(height * scale);
      if (!brush) return;
      brush.scale(scale, scale);
      brush.font = NUMBERS;
      brush.textAlign = "center";
      brush.textBaseline = "middle";
      const apart = Math.min(size.width, size.height) >= 8 ? 1 : 0;
      for (let row = 0; row < rows.length; row++) {
        for (let column = 0; column < seen(row); column++) {
          const found = color(row, column);
          if (found === null) continue;
          brush.fillStyle = found;
          brush.fillRect(x(column), row * size.height, size.width - apart, size.height - apart);
          if (!number || size.width < WIDE || size.height < LINE) continue;
          brush.fillStyle = ink(found);
          brush.fillText(number(row, column), x(column) + size.width / 2, (row + 0.5) * size.height);
        }
      }
      brush.fillStyle = line;
      for (let row = 0; row < rows.length; row++) {
        const [here, above] = [end(seen(row)), end(row ? seen(row - 1) : 0)];
        brush.fillRect(Math.min(here, above), row * size.height, Math.abs(here - above), 1);
        brush.fillRect(here - 1, row * size.height, 1, size.height);
      }
    },
  };
}

/**
 * Fits a plane to its room, once that is known, and paints it in every theme.
 * @param {ReturnType<typeof plane>} drawn
 * @param {import("../types.js").Context} context
 * @param {(theme: Theme) => void} paint
 */
export function settle(drawn, context, paint) {
  /** @type {Theme} */
  let theme = "light";
  drawn.fit(0);
  context.onTheme((now) => {
    theme = now;
    paint(theme);
  });
  context.onAttach(() => {
    drawn.fit(drawn.element.clientWidth);
    paint(theme);
  });
}

/**
 * The name of a row or a column.
 * @param {string} text
 * @param {string} kind class
 */
export function edgeName(text, kind) {
  return el("bdi", { class: `edge ${kind}` }, text);
}

/**
 * How many characters the longest name has.
 * @param {HTMLElement[]} names
 * @param {number} most
 */
function longest(names, most) {
  return Math.min(most, Math.max(...names.map(({ textContent }) => Array.from(textContent ?? "").length)));
}

/**
 * Places names; where they are too dense every few of them shows until one is pointed at.
 * @param {HTMLElement[]} names
 * @param {number} size of a cell
 * @param {(name: HTMLElement, index: number) => void} place
 */
function thin(names, size, place) {
  const every = Math.ceil(LINE / size);
  for (const [index, name] of names.entries()) {
    place(name, index);
    name.classList.toggle("thin", index % every !== 0);
  }
}

/**
 * Hands on a plane, as `hands` has them for items: hover and arrows preview, click and Enter hold, Escape releases.
 * @param {ReturnType<typeof plane>} drawn
 * @param {Plane} options
 * @param {(cell: {row: number, column: number} | null) => void} show draws a state
 */
export function walk(drawn, { rows, columns, seen }, show) {
  const { field, cursor } = drawn;
  /** @typedef {{row: number, column: number}} Cell */
  /** @type {{hover: Cell | null, focus: boolean, held: Cell | null}} */
  const state = { hover: null, focus: false, held: null };
  let stop = { row: rows.length - 1, column: Math.max(0, seen(rows.length - 1) - 1) };

  const draw = () => {
    const shown = state.hover ?? (state.focus ? stop : null);
    const cell = state.held ?? shown;
    cursor.classList.toggle("pointed", shown !== null);
    cursor.classList.toggle("held", state.held !== null);
    cursor.setAttribute("aria-selected", String(state.held !== null));
    mark(rows, cell ? cell.row : -1);
    mark(columns, cell ? cell.column : -1);
    drawn.point(cell ?? stop);
    cursor.setAttribute("aria-label", named(cell ?? stop));
    show(cell);
  };
  /** @param {Cell} cell */
  const named = ({ row, column }) => `${rows[row].textContent}, ${columns[column].textContent}`;
  /** @param {Cell | null} cell */
  const hold = (cell) => {
    const same = cell && state.held && cell.row === state.held.row && cell.column === state.held.column;
    state.held = same ? null : cell;
    draw();
  };

  field.addEventListener("pointermove", (event) => {
    state.hover = drawn.under(event);
    draw();
  });
  field.addEventListener("pointerleave", () => {
    state.hover = null;
    draw();
  });
  field.addEventListener("click", (event) => {
    stop = drawn.under(event);
    hold(stop);
  });
  cursor.addEventListener("focus", () => {
    state.focus = true;
    draw();
  });
  cursor.addEventListener("blur", () => {
    state.focus = false;
    draw();
  });
  cursor.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey) return;
    const next = target(event, stop.row * columns.length + stop.column, rows.length * columns.length, columns.length, () => -1);
    if (next !== null) {
      state.hover = null;
      stop = { row: Math.floor(next / columns.length), column: next % columns.length };
      draw();
      cursor.scrollIntoView?.({ block: "nearest", inline: "nearest" });
    } else if (event.key === "Enter" || event.key === " ") hold(stop);
    else if (event.key === "Escape" && state.held) hold(null);
    else if (event.key === "Escape") cursor.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  draw();
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function within(value, least, most) {
  return Math.max(least, Math.min(value, most));
}
