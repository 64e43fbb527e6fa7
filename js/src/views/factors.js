/** Neuron factors: a line over the text for each of them, and the text, coloured by one of them or by the strongest. */
import { category, palette } from "../parts/color.js";
import { detailLine, say } from "../parts/detail.js";
import { el } from "../parts/dom.js";
import { percent, score } from "../parts/format.js";
import { frame } from "../parts/frame.js";
import { hands } from "../parts/hands.js";
import { LONG, list, strip } from "../parts/strip.js";
import { nameOf, quoted } from "../parts/text.js";

/** @typedef {import("../types.js").FactorsPayload} Payload */
/** @typedef {import("../types.js").Theme} Theme */

// How many tokens or factors the detail line names, how many points a line has at most, and of which size it is.
const STRONGEST = 4;
const POINTS = 400;
const [WIDTH, HEIGHT] = [400, 24];

// Colours of one hue; hues return after so many factors, and are then hatched and dashed.
const SHADES = 32;
const HUES = 6;

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {Payload} payload
 * @param {import("../types.js").Context} context
 */
export function factors(payload, context) {
  const { tokens, peaks, n_input: nInput } = payload;
  const n = tokens.length;
  const values = valuesOf(payload);
  const best = tokens.map((_, token) => ranked(values, n, token)[0]);
  const called = payload.names.map((name, factor) => name ?? `factor ${factor}`);
  const drawn = strip(tokens, { nInput, signed: false, label: "tokens, coloured by factors" });
  const words = drawn.items.map((item) => [...item.querySelectorAll(/** @type {"span"} */ (".w"))]);
  if (nInput > 0) drawn.items[nInput]?.classList.add("bar-before");
  const detail = detailLine();
  const mark = el("div", { class: "mark", hidden: "" });
  const colour = painter(words);
  const state = { row: /** @type {number | null} */ (null), token: /** @type {number | null} */ (null) };
  /** @type {Theme} */
  let theme = "light";
  let painted = "";
  let rest = 0;

  const draw = () => {
    const factor = state.row === null ? null : lines.order[state.row];
    lines.box.classList.toggle("one", factor !== null);
    lines.items.forEach((item, row) => {
      item.classList.toggle("chosen", row === state.row);
    });
    if (painted !== `${factor} ${theme}`) {
      const paint = (/** @type {number} */ start, /** @type {number} */ stop) =>
        colour((token) => factor ?? best[token], values, [start, stop], theme, factor === null);
      cancelAnimationFrame(rest);
      // What is scrolled away comes after the eye is served, a piece in every frame, so that no hand waits for all of it.
      const later = (/** @type {number} */ from) => {
        rest = requestAnimationFrame(() => {
          paint(from, Math.min(from + LONG, n));
          if (from + LONG < n) later(from + LONG);
        });
      };
      const [start, stop] = inSight(drawn.element, drawn.items);
      paint(start, stop);
      if (stop - start < n) later(0);
    }
    painted = `${factor} ${theme}`;
    mark.hidden = state.token === null;
    mark.style.left = place(state.token ?? 0, n);
    describe(detail, payload, values, called, factor, state.token);
  };
  const lines = lineList(
    peaks.map((_, factor) => pathOf(values.subarray(factor * n, (factor + 1) * n), payload.signed)),
    called,
    draw,
  );
  context.onTheme((now) => {
    theme = now;
    lines.hue(now);
    draw();
  });
  hands(lines.box, lines.items, {
    columns: 1,
    show({ at, held }) {
      state.row = held ?? at;
      lines.held(held);
      draw();
    },
  });
  hands(drawn.element, drawn.items, {
    show({ at, held }) {
      state.token = at ?? held;
      draw();
    },
  });
  const end =
    nInput > 0 && nInput < n
      ? el("div", { class: "input-end", style: `left:${place(nInput - 0.5, n)}`, title: "the input ends" })
      : null;
  const left = el("div", { class: "factors" }, el("div", {}, lines.box, end, mark), lines.tools);
  const makeRoom = () => left.style.setProperty("--names", `${widthOf(called)}px`);
  makeRoom();
  left.addEventListener("input", makeRoom);
  return frame(payload, {
    drawing: [el("div", { class: "beside" }, left, drawn.element)],
    detail,
    keys: "hover a factor or a token, or walk with arrows \u00b7 click to hold, then name \u00b7 drag or Alt \u2191 \u2193 to move",
    touch: "tap a factor to hold it, then name or move it",
    legend: el("div", { class: "legend" }, `full colour: the peak of a factor${payload.signed ? " \u00b7 grey: below 0" : ""}`),
  });
}

/**
 * Rows that each show one factor; which one changes when a person moves it.
 * @param {string[]} paths
 * @param {string[]} called what the factors are called; a person can change it
 * @param {() => void} draw
 */
function lineList(paths, called, draw) {
  const order = paths.map((_, factor) => factor);
  const names = paths.map(() => el("span", { class: "name" }));
  const curves = paths.map(() => document.createElementNS(SVG, "path"));
  const items = paths.map((_, row) => el("div", { class: "factor", role: "option" }, names[row], svg(curves[row])));
  const box = el("div", { ...list([{ text: "", id: 0 }], "factors"), "aria-orientation": "vertical" }, ...items);
  const name = /** @type {HTMLInputElement} */ (
    el("input", { placeholder: "name the held factor", "aria-label": "name of the held factor", maxlength: 40 })
  );
  const buttons = [-1, 1].map((by) =>
    el("button", { "aria-label": by < 0 ? "move up" : "move down" }, by < 0 ? "\u2191" : "\u2193"),
  );
  /** @type {number | null} */
  let held = null;
  /** @type {number | null} */
  let dragged = null;
  /** @type {Theme} */
  let theme = "light";

  /** @param {number} row */
  const set = (row) => {
    const factor = order[row];
    names[row].textContent = called[factor];
    curves[row].setAttribute("d", paths[factor]);
    items[row].classList.toggle("again", factor >= HUES);
    items[row].style.setProperty("--hue", palette(theme).category[factor % HUES]);
  };
  /** @param {number} from @param {number} to */
  const move = (from, to) => {
    if (!items[to]) return;
    [order[from], order[to]] = [order[to], order[from]];
    set(from);
    set(to);
    if (held === from || held === to) items[held === from ? to : from].click();
    draw();
  };
  const rowOf = (/** @type {Event} */ event) => items.findIndex((item) => item.contains(/** @type {Node} */ (event.target)));

  box.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const row = rowOf(event);
    if (!event.altKey || !by || row < 0) return;
    event.preventDefault();
    move(row, row + by);
    items[row + by]?.focus();
  });
  box.addEventListener("pointerdown", (event) => {
    dragged = rowOf(event);
  });
  box.addEventListener("pointerover", (event) => {
    const row = rowOf(event);
    if (!(event.buttons & 1) || dragged === null || dragged < 0 || row < 0 || row === dragged) return;
    move(dragged, row);
    dragged = row;
  });
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => held !== null && move(held, held + 2 * index - 1));
  });
  name.addEventListener("keydown", (event) => event.stopPropagation());
  name.addEventListener("input", () => {
    if (held === null) return;
    called[order[held]] = name.value || `factor ${order[held]}`;
    set(held);
    draw();
  });
  return {
    box,
    items,
    order,
    tools: el("div", { class: "tools" }, name, ...buttons),
    /** @param {number | null} row */
    held(row) {
      held = row;
      for (const tool of [name, ...buttons]) tool.toggleAttribute("disabled", row === null);
      const own = row === null ? "" : called[order[row]];
      name.value = own.startsWith("factor ") ? "" : own;
    },
    /** @param {Theme} now */
    hue(now) {
      theme = now;
      order.forEach((_, row) => {
        set(row);
      });
    },
  };
}

/** @param {SVGElement} curve */
function svg(curve) {
  const image = document.createElementNS(SVG, "svg");
  for (const [key, value] of [
    ["viewBox", `0 0 ${WIDTH} ${HEIGHT}`],
    ["preserveAspectRatio", "none"],
    ["aria-hidden", "true"],
  ]) {
    image.setAttribute(key, value);
  }
  image.append(curve);
  return image;
}

/**
 * Every factor at every token as a share of its peak, factor after factor.
 * @param {Payload} payload
 */
export function valuesOf({ values, signed }) {
  return Float32Array.from(atob(values), (char) => (signed ? char.charCodeAt(0) / 127 - 1 : char.charCodeAt(0) / 255));
}

/**
 * The factors from strong to weak at a token.
 * @param {Float32Array} values
 * @param {number} n tokens
 * @param {number} token
 */
function ranked(values, n, token) {
  const size = (/** @type {number} */ factor) => Math.abs(values[factor * n + token]);
  return Array.from({ length: values.length / n }, (_, factor) => factor).sort((a, b) => size(b) - size(a));
}

/**
 * A line through the values; of many neighbours the one that is farthest from 0.
 * @param {Float32Array} values
 * @param {boolean} signed
 */
export function pathOf(values, signed) {
  const step = Math.ceil(values.length / POINTS);
  const points = [];
  for (let start = 0; start < values.length; start += step) {
    const far = values.subarray(start, start + step).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    const x = (Math.min(start + step / 2, values.length - 0.5) / values.length) * WIDTH;
    const y = (HEIGHT - 2) * (signed ? (1 - far) / 2 : 1 - far) + 1;
    points.push(`${x.toFixed(1)} ${y.toFixed(1)}`);
  }
  return `M${points.join("L")}`;
}

/**
 * Pixels for the names: as many as the longest needs, about, and the lines can spare.
 * @param {string[]} called
 */
function widthOf(called) {
  return Math.min(200, Math.max(104, 24 + 8 * Math.max(...called.map((name) => name.length))));
}

/**
 * Where a token is on the lines, which begin behind the names.
 * @param {number} token
 * @param {number} n
 */
function place(token, n) {
  return `calc(var(--names) + (100% - var(--names)) * ${((token + 0.5) / n).toFixed(4)})`;
}

/**
 * Colours words, and touches only those whose colour changes.
 * @param {HTMLElement[][]} words by token
 */
function painter(words) {
  /** @type {string[]} */
  const last = words.map(() => "");
  /** @type {Map<string, string>} */
  const shades = new Map();
  /**
   * @param {(token: number) => number} factorOf
   * @param {Float32Array} values
   * @param {[number, number]} range of tokens, the end not among them
   * @param {Theme} theme
   * @param {boolean} several whether there are hues that return
   */
  return (factorOf, values, [start, stop], theme, several) => {
    const n = words.length;
    for (let token = start; token < stop; token++) {
      const factor = factorOf(token);
      const shade = Math.round(values[factor * n + token] * SHADES);
      const again = several && factor >= HUES && shade !== 0;
      const key = shade ? `${factor % HUES} ${shade} ${theme}` : "";
      if (last[token] === key + again) continue;
      const hatched = last[token].endsWith("true");
      last[token] = key + again;
      if (!shades.has(key)) shades.set(key, key && category(factor, shade / SHADES, theme));
      for (const word of words[token]) {
        word.style.backgroundColor = shades.get(key) ?? "";
        if (again !== hatched) word.classList.toggle("again", again);
      }
    }
  };
}

/**
 * Which tokens of a long text are not scrolled away: the first, and the one after the last.
 * @param {HTMLElement} box
 * @param {HTMLElement[]} items
 * @returns {[number, number]}
 */
function inSight(box, items) {
  if (items.length <= LONG) return [0, items.length];
  const top = box.scrollTop + (items[0].offsetParent === box ? 0 : box.offsetTop);
  /** @param {(item: HTMLElement) => boolean} passed the first item of which this holds, as for all after it */
  const first = (passed) => {
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passed(items[middle])) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return [first((item) => item.offsetTop + item.offsetHeight >= top), first((item) => item.offsetTop > top + box.clientHeight)];
}

/**
 * @param {HTMLElement} detail
 * @param {Payload} payload
 * @param {Float32Array} values
 * @param {string[]} called
 * @param {number | null} factor
 * @param {number | null} token
 */
function describe(detail, { tokens, peaks, positions, n_input: nInput }, values, called, factor, token) {
  const n = tokens.length;
  const number = (/** @type {number} */ k, /** @type {number} */ at) => score(values[k * n + at] * peaks[k], "raw", peaks[k]);
  if (token !== null) {
    const where = positions[token] === null ? "" : ` at position ${positions[token]}`;
    const who = [`response ${token >= nInput ? "before" : "to"} `, quoted(tokens[token].text, 40), where];
    const shown = factor === null ? ranked(values, n, token).slice(0, STRONGEST - 1) : [factor];
    const said = shown.map((k) => [
      `${called[k]} `,
      el("b", {}, number(k, token)),
      ` (${percent(values[k * n + token])} of its peak)`,
    ]);
    return say(detail, who, ...said);
  }
  if (factor === null) return say(detail, "every token has the colour of its strongest factor");
  const row = values.subarray(factor * n, (factor + 1) * n);
  const texts = new Map();
  for (const at of Array.from(row.keys()).sort((a, b) => Math.abs(row[b]) - Math.abs(row[a]))) {
    if (texts.size === STRONGEST) break;
    const name = nameOf(tokens[at]);
    if (!texts.has(name)) texts.set(name, number(factor, at));
  }
  return say(detail, el("b", {}, called[factor]), ...Array.from(texts, ([text, value]) => [quoted(text, 24), ` ${value}`]));
}
