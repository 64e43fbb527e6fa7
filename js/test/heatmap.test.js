import { afterEach, describe, expect, test } from "vitest";
import { shades } from "../src/parts/color.js";
import { matrixOf } from "../src/views/heatmap.js";
import { draw, example, press } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

const names = (drawn, edge) => drawn.all(`.${edge} .edge`).map((name) => name.textContent);
const detail = (drawn) => drawn.one(".detail").textContent;

/** Goes to the cell in a row and a column, from the last one, where Tab arrives. */
function walkTo(drawn, payload, row, column) {
  drawn.one("[role=gridcell]").focus();
  for (let i = payload.rows.length - 1; i > row; i--) press(drawn, "ArrowUp");
  for (let i = payload.columns.length - 1; i > column; i--) press(drawn, "ArrowLeft");
}

describe("a heat map", () => {
  test("rows and columns have their names, and say above what they are", () => {
    const payload = example("heatmap", "two models");
    const drawn = draw(payload);
    expect(names(drawn, "side")).toEqual(payload.rows);
    expect(names(drawn, "top")).toEqual(payload.columns);
    expect(drawn.one(".above").textContent).toBe("\u2193 ecco/demo-bert, layer\u2192 ecco/demo-sentiment, layer");
    expect(draw({ ...payload, row_title: "" }).one(".above").textContent).toBe("\u2192 ecco/demo-sentiment, layer");
  });

  test("short names of columns stand upright, tokens lie", () => {
    const flat = (name) => draw(example("heatmap", name)).one(".top").classList.contains("flat");
    expect([flat("layers"), flat("tokens")]).toEqual([true, false]);
  });

  test("the detail line begins with the ends, and says what is pointed at", () => {
    const payload = example("heatmap", "layers");
    const drawn = draw(payload);
    expect(detail(drawn)).toBe("lowest CKA 0.732 (0, 5) \u00b7 highest CKA 1 (0, 0)");
    walkTo(drawn, payload, 1, 4);
    expect(detail(drawn)).toBe(`layer 1 \u00b7 layer 4 \u00b7 CKA ${payload.values[1][4]}`);
  });

  test("tokens are quoted with their positions, and a value that is missing is said", () => {
    const payload = example("heatmap", "tokens");
    const drawn = draw(payload);
    const last = payload.columns.length - 1;
    walkTo(drawn, payload, payload.rows.length - 1, last);
    expect(detail(drawn)).toContain(`neuron 9 \u00b7 \u201c\u21b5\u201d at position ${payload.positions[last]}`);
    expect(drawn.all(".top .out")).toHaveLength(payload.columns.length - payload.n_input);
    const missing = draw(payload);
    walkTo(missing, payload, 1, 3);
    expect(detail(missing)).toContain("no value");
    const nowhere = draw(payload);
    walkTo(nowhere, payload, 0, 0);
    expect(detail(nowhere)).not.toContain("position");
  });

  test("a cell is held until Escape", () => {
    const payload = example("heatmap", "layers");
    const drawn = draw(payload);
    walkTo(drawn, payload, 2, 3);
    press(drawn, "Enter");
    press(drawn, "Home");
    expect(detail(drawn)).toContain("layer 2 \u00b7 layer 3");
    press(drawn, "Escape");
    expect(detail(drawn)).toContain("layer 2 \u00b7 layer 0");
  });

  test("the scale says where values go beyond its ends", () => {
    const payload = example("heatmap", "layers");
    const ends = (more) =>
      draw({ ...payload, ...more })
        .one(".legend")
        .textContent.trim()
        .split(/ {2}/);
    expect(ends({})).toEqual(["0.00", "1.00"]);
    expect(ends({ low: 0.8, high: 0.9 })).toEqual(["\u2264 0.800", "\u2265 0.900"]);
    expect(ends({ unit: "share" })).toEqual(["0.0%", "100.0%"]);
  });

  test("packed values are places on the scale", () => {
    const packed = btoa(String.fromCharCode(0, 127, 254, 255));
    const payload = { rows: ["a", "b"], columns: ["c", "d"], values: packed, low: -1, high: 3 };
    expect(matrixOf(payload)).toEqual([
      [-1, 1],
      [3, null],
    ]);
  });

  test.each([
    { rows: [], values: [] },
    { columns: [], values: [[], []] },
    { rows: ["a"], columns: ["b"], values: [[null]] },
  ])("without values says so", (change) => {
    expect(detail(draw({ ...example("heatmap", "layers"), ...change }))).toBe("no values");
  });
});

test("a scale of colours ends at its ends", () => {
  const [plain, signed] = [shades(false, "light"), shades(true, "light")];
  expect([plain(0), plain(1), plain(7)]).toEqual(["#ffffff", "#341680", "#341680"]);
  expect([signed(0), signed(1), signed(-1), signed(-7)]).toEqual(["#ffffff", "#6a3fc8", "#c2570c", "#c2570c"]);
});
