import { afterEach, describe, expect, test } from "vitest";
import { plane } from "../src/parts/plane.js";
import { draw, example, press } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

const named = (drawn, edge) => drawn.all(`.${edge} .edge`).map((name) => name.textContent);
const lit = (drawn, edge) => drawn.all(`.${edge} .edge.on`).map((name) => name.textContent);

describe("a matrix of scores", () => {
  test("explained tokens stand at the side, what they saw above", () => {
    const payload = example("attribution", "matrix");
    const drawn = draw(payload);
    expect(named(drawn, "side")).toHaveLength(payload.targets.length);
    expect(named(drawn, "top")).toHaveLength(payload.targets.at(-1));
    expect(named(drawn, "top").slice(0, 2)).toEqual(["The", "countries"]);
  });

  test("the detail line begins with the largest score", () => {
    const payload = example("attribution", "matrix");
    const most = Math.max(...payload.scores.flat().map(Math.abs));
    const row = payload.scores.findIndex((scores) => scores.some((score) => Math.abs(score) === most));
    const column = payload.scores[row].findIndex((score) => Math.abs(score) === most);
    expect(draw(payload).one(".detail").textContent).toBe(
      `largest \u00b7 ${cellText(payload, row, column)} \u00b7 ${Number((100 * payload.scores[row][column]).toPrecision(4))}%`,
    );
  });

  test("arrows walk the cells, Enter holds one, Escape releases it", () => {
    const payload = example("attribution", "matrix");
    const drawn = draw(payload);
    const cursor = drawn.one("[role=gridcell]");
    const [row, column] = [payload.targets.length - 1, payload.targets.at(-1) - 1];
    cursor.focus();
    expect(drawn.one(".detail").textContent).toContain(cellText(payload, row, column));
    press(drawn, "ArrowLeft");
    press(drawn, "ArrowUp");
    expect(drawn.one(".detail").textContent).toContain(cellText(payload, row - 1, column - 1));
    expect(lit(drawn, "side")).toEqual([named(drawn, "side")[row - 1]]);
    expect(lit(drawn, "top")).toEqual([named(drawn, "top")[column - 1]]);
    press(drawn, "Enter");
    expect(cursor.getAttribute("aria-selected")).toBe("true");
    press(drawn, "Home");
    expect(drawn.one(".detail").textContent).toContain(cellText(payload, row - 1, column - 1));
    press(drawn, "Escape");
    expect(cursor.getAttribute("aria-selected")).toBe("false");
    expect(drawn.one(".detail").textContent).toContain(cellText(payload, row - 1, 0));
  });

  test("what a token does not see is said", () => {
    const payload = example("attribution", "matrix");
    const drawn = draw(payload);
    drawn.one("[role=gridcell]").focus();
    press(drawn, "ArrowUp");
    expect(drawn.one(".detail").textContent).toContain(" does not see ");
  });

  test("nothing explained is said", () => {
    const { one } = draw({ ...example("attribution", "matrix"), targets: [], scores: [], seen: [] });
    expect(one(".detail").textContent).toBe("no token was explained");
  });

  test("the label that is explained stands at its side, not a token", () => {
    const drawn = draw({ ...example("attribution", "named"), style: "matrix" });
    expect(named(drawn, "side")).toEqual(["Denmark"]);
  });
});

/** How the detail line names a cell. */
function cellText(payload, row, column) {
  const shown = (index) => `\u201c${payload.tokens[index].text.replace("\n", "\u21b5")}\u201d at position ${index}`;
  return `${shown(payload.targets[row])} \u2190 ${shown(column)}`;
}

describe("a plane", () => {
  const names = (count) =>
    Array.from({ length: count }, (_, i) => Object.assign(document.createElement("b"), { textContent: `n${i}` }));
  const made = (rows, columns, split = 0) => {
    const options = { label: "", rows: names(rows), columns: names(columns), split, seen: () => columns };
    return { ...options, ...plane(options) };
  };
  const shown = (edge) => edge.filter((name) => !name.classList.contains("thin")).length;

  test.each([
    [20, 50, 20, 50],
    [100, 300, 34, 50],
    [1, 1, 1, 1],
  ])("of %i rows and %i columns fits its room and shows the names that do", (rows, columns, side, above) => {
    const drawn = made(rows, columns);
    drawn.fit(900);
    expect(Number.parseFloat(drawn.field.style.width)).toBeLessThanOrEqual(900);
    expect(Number.parseFloat(drawn.field.style.height)).toBeLessThanOrEqual(600);
    expect([shown(drawn.rows), shown(drawn.columns)]).toEqual([side, above]);
  });

  test("a gap parts two texts, and belongs to the column beside it", () => {
    const drawn = made(2, 4, 2);
    drawn.fit(900);
    const left = drawn.columns.map((name) => Number.parseFloat(name.style.left));
    expect(left[1] - left[0]).toBe(24);
    expect(left[2] - left[1]).toBeGreaterThan(24);
    const column = (clientX) => drawn.under({ clientX, clientY: 0 }).column;
    expect([0, 23, 24, 47, 61, 200].map(column)).toEqual([0, 0, 1, 1, 2, 3]);
  });
});
