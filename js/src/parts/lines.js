/** Lines over layers, layer 0 at the left; their names stand at the right end, moved apart where they would meet. */
import { palette } from "./color.js";
import { path, svg } from "./svg.js";

/** @typedef {import("../types.js").Theme} Theme */
/** @typedef {{name: string, values: (number | null)[]}} Line */
/** @typedef {{at: (value: number) => number, ticks: {value: number, text: string}[]}} Scale `at`: 0 at the bottom, 1 at the top */

const [TOP, BOTTOM, LEFT, RIGHT, GAP] = [24, 34, 44, 116, 15];
const [DASHES, LONGEST] = [["none", "7 3", "2 3"], 13];

/**
 * @param {import("../types.js").Context} context
 * @param {{title: string, label: string, steps: string[], scale: Scale, width: number, height: number}} options `steps`: names
 *   of what lies along the axis, of which as many are written as there is room for
 * @returns {{element: SVGElement, draw: (lines: Line[], title?: string) => void, mark: (line: number) => void}}
 */
export function chart(context, { title, label, steps, scale, width, height }) {
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  /** @param {number} step */
  const x = (step) => (steps.length > 1 ? LEFT + 8 + (step / (steps.length - 1)) * (right - LEFT - 16) : (LEFT + right) / 2);
  /** @param {number} value */
  const y = (value) => bottom - Math.min(1, Math.max(0, scale.at(value))) * (bottom - TOP - 6);
  const named = svg("text", { class: "title", x: LEFT, y: 12 }, title);
  const body = svg("g");
  const every = Math.ceil((steps.length * 26) / (right - LEFT));
  const element = svg(
    "svg",
    { class: "lines", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    named,
    ...scale.ticks.flatMap(({ value, text }) => [
      svg("line", { class: "rule", x1: LEFT, x2: right, y1: y(value), y2: y(value) }),
      svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, text),
    ]),
    ...steps.flatMap((name, step) =>
      (steps.length - 1 - step) % every ? [] : [svg("text", { x: x(step), y: bottom + 15, "text-anchor": "middle" }, name)],
    ),
    svg("text", { x: (LEFT + right) / 2, y: height - 4, "text-anchor": "middle" }, "layer"),
    body,
  );
  /** @type {SVGElement[]} */
  let groups = [];
  /** @type {Theme} */
  let theme = "light";

  const paint = () => {
    const colors = palette(theme).category;
    groups.forEach((group, index) => {
      group.style.color = colors[index % colors.length];
    });
  };
  context.onTheme((now) => {
    theme = now;
    paint();
  });

  return {
    element,
    draw(lines, newTitle = title) {
      named.textContent = newTitle;
      const ends = lines.map(({ values }) => values.map((value) => value !== null).lastIndexOf(true));
      const shown = lines.map((_, index) => index).filter((index) => ends[index] >= 0);
      const heights = shown.map((index) => y(/** @type {number} */ (lines[index].values[ends[index]])));
      const places = apart(heights, GAP, TOP + 2, bottom);
      groups = lines.map(({ values }, index) => {
        const dash = DASHES[Math.floor(index / 6) % DASHES.length];
        const points = values.map((value, step) =>
          value === null ? null : /** @type {[number, number]} */ ([x(step), y(value)]),
        );
        return svg(
          "g",
          { class: "line" },
          ...runs(points).map((run) => svg("path", { class: "curve", d: path(run), "stroke-dasharray": dash })),
          ...points.flatMap((point) => (point ? [svg("circle", { cx: point[0], cy: point[1], r: 2.5 })] : [])),
        );
      });
      shown.forEach((index, k) => {
        const name = lines[index].name;
        const short = name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}\u2026` : name;
        groups[index].append(
          svg("path", {
            class: "leader",
            d: path([
              [x(ends[index]) + 4, heights[k]],
              [right + 4, places[k]],
            ]),
          }),
          svg("text", { class: "end", x: right + 8, y: places[k] + 4 }, short),
        );
      });
      body.replaceChildren(...groups);
      paint();
    },
    mark(line) {
      groups.forEach((group, index) => {
        group.classList.toggle("off", line >= 0 && index !== line);
      });
    },
  };
}

/**
 * A scale of ranks: logarithmic, rank 1 at the top.
 * @param {(number | null)[]} ranks all that are drawn
 * @param {(rank: number) => string} written
 * @returns {Scale}
 */
export function rankScale(ranks, written) {
  const most = Math.max(10, ...ranks.map((rank) => rank ?? 1));
  const powers = Array.from({ length: Math.floor(Math.log10(most) + 1e-9) + 1 }, (_, power) => 10 ** power);
  return {
    at: (rank) => 1 - Math.log(rank) / Math.log(most),
    ticks: powers.map((value) => ({ value, text: written(value) })),
  };
}

/**
 * The least movement that keeps things a gap apart and within bounds.
 * @param {number[]} places
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 */
export function apart(places, gap, low, high) {
  const order = places.map((_, index) => index).sort((a, b) => places[a] - places[b] || a - b);
  // Neighbours that would meet are one pile around their mean place; piles that would meet are joined.
  /** @type {{members: number[], start: number}[]} */
  const piles = [];
  for (const index of order) {
    let pile = { members: [index], start: settle([index]) };
    for (let last = piles[piles.length - 1]; last && last.start + last.members.length * gap > pile.start; ) {
      piles.pop();
      pile = { members: [...last.members, ...pile.members], start: settle([...last.members, ...pile.members]) };
      last = piles[piles.length - 1];
    }
    piles.push(pile);
  }
  const found = places.slice();
  for (const { members, start } of piles) {
    members.forEach((index, k) => {
      found[index] = start + k * gap;
    });
  }
  return found;

  /** @param {number[]} members */
  function settle(members) {
    const middle = members.reduce((sum, index) => sum + places[index], 0) / members.length;
    const extent = (members.length - 1) * gap;
    return Math.max(low, Math.min(high - extent, middle - extent / 2));
  }
}

/**
 * Points without gaps between them.
 * @param {([number, number] | null)[]} points
 */
function runs(points) {
  /** @type {[number, number][][]} */
  const found = [[]];
  for (const point of points) {
    if (point) found[found.length - 1].push(point);
    else found.push([]);
  }
  return found.filter((run) => run.length > 1);
}
