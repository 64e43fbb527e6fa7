import { describe, expect, test } from "vitest";
import { category, contrast, diverging, fill, magnitude, palette, rankShade, textOn } from "../src/parts/color.js";
import { read } from "./helpers.js";

const table = JSON.parse(read("tests/colors.json"));

describe("the colours are those of the static view", () => {
  test.each([
    ["magnitude", magnitude],
    ["diverging", diverging],
    ["text_on", textOn],
  ])("%s", (name, color) => {
    expect(table[name].map(([input]) => [input, color(input, "light")])).toEqual(table[name]);
  });

  test("categories", () => {
    expect(table.category.map(([input]) => [input, category(...input, "light")])).toEqual(table.category);
  });

  test("ranks", () => {
    for (const [rank, size, shade, color] of table.rank_shade) {
      expect(rankShade(rank, size)).toBeCloseTo(shade, 12);
      expect(magnitude(rankShade(rank, size), "light")).toBe(color);
    }
  });
});

describe.each(["light", "dark"])("in the %s theme", (theme) => {
  const steps = Array.from({ length: 101 }, (_, i) => i / 100);

  test("text can be read on every colour", () => {
    for (const at of steps) {
      for (const color of [magnitude(at, theme), diverging(at, theme), diverging(-at, theme)]) {
        expect(contrast(textOn(color, theme), color)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  test("ink can be read on the tint of every category", () => {
    for (const at of steps) {
      for (let number = 0; number < 6; number++) {
        expect(contrast(palette(theme).ink, category(number, at, theme))).toBeGreaterThanOrEqual(4.5);
        expect(contrast(palette(theme).ink, category(number, -at, theme))).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  test("what is said in soft text can be read on paper and panel", () => {
    const { soft, accent, paper, panel } = palette(theme);
    for (const color of [soft, accent]) {
      expect(contrast(color, paper)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(color, panel)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("the page's own colour is no background", () => {
    const element = document.createElement("span");
    fill(element, magnitude(1, theme), theme);
    expect(element.style.backgroundColor).not.toBe("");
    fill(element, magnitude(0, theme), theme);
    expect(element.style.backgroundColor).toBe("");
    expect(element.style.color).toBe("");
  });
});
