import { afterEach, describe, expect, test } from "vitest";
import { magnitude } from "../src/parts/color.js";
import { maps, pixels, shareOf, shortShare } from "../src/parts/maps.js";
import { topOf } from "../src/views/attention.js";
import { background, draw, example, hover, leave, press } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

const heathrow = () => example("attention", "heathrow");
const cells = (drawn) => drawn.all("[role=gridcell]");
const words = (drawn) => drawn.all("[role=option]");

/** The bytes of a row, taken from the payload by counting. */
function row(payload, layer, column, query) {
  const codes = Buffer.from(payload.weights, "base64");
  const n = payload.queries.length;
  const cellsPerMap = payload.causal ? (n * (n + 1)) / 2 : n * (payload.keys ?? payload.queries).length;
  const width = (payload.keys ?? payload.queries).length;
  const start = (layer * payload.columns.length + column) * cellsPerMap;
  const offset = payload.causal ? (query * (query + 1)) / 2 : query * width;
  return [...codes.subarray(start + offset, start + offset + (payload.causal ? query + 1 : width))];
}

/** The colours that a row asks for. */
function wanted(payload, codes) {
  const top = topOf(payload, Uint8Array.from(codes));
  return codes.map((code) => magnitude(Math.min(1, shareOf(code) / top), "light")).map((c) => (c === "#ffffff" ? "" : c));
}

const shown = (items) => items.map((item) => background(item.querySelector(".w")));

describe("a text with all heads", () => {
  test("it begins with the mean of the last layer, from the query of the payload", () => {
    const payload = heathrow();
    const drawn = draw(payload);
    expect(payload.query).toBe(8);
    expect(shown(words(drawn).slice(0, 9))).toEqual(wanted(payload, row(payload, 5, 0, 8)));
    expect(shown(words(drawn).slice(9))).toEqual([""]);
    expect(words(drawn)[8].classList.contains("now")).toBe(true);
    expect(words(drawn)[9].classList.contains("after")).toBe(true);
    expect(drawn.one(".chosen").getAttribute("aria-label")).toBe("layer 5, mean of 6 heads");
    expect(drawn.one(".detail").textContent).toMatch(
      /^layer 5, mean of 6 heads \u00b7 \u201c of\u201d at position 8 \u2192 \u201cathrow\u201d 33% \u00b7 /,
    );
  });

  test("a small picture is a named cell for every layer and column", () => {
    const payload = heathrow();
    const drawn = draw(payload);
    expect(cells(drawn)).toHaveLength(42);
    expect(drawn.all("thead th").map((name) => name.textContent)).toEqual(["mean", "0", "1", "2", "3", "4", "5"]);
    expect(cells(drawn)[17].getAttribute("aria-label")).toBe("layer 2, head 2");
    expect(cells(drawn)[17].querySelector("canvas").width).toBeGreaterThan(20);
  });

  test("hovering a small picture previews it, a click holds it, Escape releases it", () => {
    const payload = heathrow();
    const drawn = draw(payload);
    const looks = (layer, column) =>
      expect(shown(words(drawn).slice(0, 9))).toEqual(wanted(payload, row(payload, layer, column, 8)));
    hover(cells(drawn)[17].firstChild);
    looks(2, 3);
    leave(drawn.one(".scroll"));
    looks(5, 0);
    cells(drawn)[17].click();
    hover(cells(drawn)[3]);
    looks(2, 3);
    leave(drawn.one(".scroll"));
    looks(2, 3);
    cells(drawn)[17].focus();
    press(drawn, "Escape");
    cells(drawn)[17].blur();
    looks(5, 0);
  });

  test("arrows walk the small pictures, and the text follows", () => {
    const payload = heathrow();
    const drawn = draw(payload);
    cells(drawn)[35].focus();
    press(drawn, "ArrowRight");
    press(drawn, "ArrowUp");
    expect(drawn.host.shadowRoot.activeElement).toBe(cells(drawn)[29]);
    expect(shown(words(drawn).slice(0, 9))).toEqual(wanted(payload, row(payload, 4, 1, 8)));
    expect(drawn.one(".chosen")).toBe(cells(drawn)[29]);
    expect(drawn.all(".on").map((name) => name.textContent)).toEqual(["0", "layer 4"]);
  });

  test("a token that is pointed at is the query; what comes after it is soft and has no colour", () => {
    const payload = heathrow();
    const drawn = draw(payload);
    hover(words(drawn)[3]);
    expect(shown(words(drawn))).toEqual([...wanted(payload, row(payload, 5, 0, 3)), ...Array(6).fill("")]);
    expect(words(drawn).map((word) => word.classList.contains("after"))).toEqual([
      ...Array(4).fill(false),
      ...Array(6).fill(true),
    ]);
    leave(drawn.one(".text"));
    expect(words(drawn)[8].classList.contains("now")).toBe(true);
  });

  test("with a query held, others tell their number", () => {
    const payload = heathrow();
    const drawn = draw(payload);
    words(drawn)[8].click();
    hover(words(drawn)[1]);
    expect(shown(words(drawn).slice(0, 9))).toEqual(wanted(payload, row(payload, 5, 0, 8)));
    const share = shareOf(row(payload, 5, 0, 8)[1]);
    expect(drawn.one(".detail").textContent).toBe(
      `layer 5, mean of 6 heads \u00b7 \u201c of\u201d at position 8 \u2192 \u201cathrow\u201d at position 1: ${shortShare(share, 0)}`,
    );
    hover(words(drawn)[9]);
    expect(drawn.one(".detail").textContent).toContain("does not see \u201c London\u201d at position 9");
    words(drawn)[8].focus();
    press(drawn, "Escape");
    expect(drawn.one(".text .held")).toBeNull();
  });

  test("a head that is held stays when tokens are pointed at", () => {
    const payload = heathrow();
    const drawn = draw(payload);
    cells(drawn)[9].click();
    leave(drawn.one(".scroll"));
    hover(words(drawn)[5]);
    expect(shown(words(drawn).slice(0, 6))).toEqual(wanted(payload, row(payload, 1, 2, 5)));
  });
});

describe("the scale", () => {
  const token = (special) => ({ text: "x", id: 1, ...(special ? { special } : {}) });

  test("it ends at the largest share but of the first token and special ones", () => {
    const payload = { queries: [token(), token(), token(), token(true)], keys: null };
    const code = (share) => Math.round(255 * Math.sqrt(share));
    expect(topOf(payload, [0.5, 0.3, 0.1, 0.1].map(code))).toBeCloseTo(0.3, 2);
    expect(topOf(payload, [0.1, 0.3, 0.1, 0.5].map(code))).toBeCloseTo(0.3, 2);
  });

  test("it never ends below equal parts, so that crumbs do not look large", () => {
    const payload = { queries: [token(), token(), token(), token()], keys: null };
    expect(topOf(payload, [253, 5, 3, 0])).toBe(0.25);
    expect(topOf(payload, [255])).toBe(1);
  });

  test("what lies beyond it is told at its end", () => {
    const payload = heathrow();
    const drawn = draw(payload);
    const high = drawn.one(".high");
    expect(high.textContent).toBe("33%");
    hover(words(drawn)[1]);
    expect(high.textContent).toMatch(/^\d+%\+?$/);
    hover(cells(drawn)[10]);
    leave(drawn.one(".text"));
    const codes = row(payload, 1, 3, 8);
    const top = topOf(payload, Uint8Array.from(codes));
    expect(shareOf(codes[0])).toBeGreaterThan(top);
    expect(high.textContent).toBe(`${shortShare(top, 0)}+`);
  });
});

test("one head alone needs no pictures", () => {
  const drawn = draw(example("attention", "one head"));
  expect(cells(drawn)).toEqual([]);
  expect(drawn.one(".detail").textContent).toMatch(/^layer 4, head 2 \u00b7 /);
  expect(drawn.one(".keys").textContent).not.toContain("picture");
});

test("a model that reads in both directions sees what comes after", () => {
  const payload = example("attention", "both directions");
  const drawn = draw(payload);
  expect(words(drawn)[2].classList.contains("now")).toBe(true);
  expect(shown(words(drawn))).toEqual(wanted(payload, row(payload, 2, 0, 2)));
  expect(drawn.all(".after")).toEqual([]);
});

describe("two texts", () => {
  test("the source is coloured for a token of the target", () => {
    const payload = example("attention", "two texts");
    const drawn = draw(payload);
    const n = payload.keys.length;
    expect(words(drawn)).toHaveLength(n + payload.queries.length);
    expect(shown(words(drawn).slice(0, n))).toEqual(wanted(payload, row(payload, 2, 0, 1)));
    hover(words(drawn)[n + 3]);
    expect(shown(words(drawn).slice(0, n))).toEqual(wanted(payload, row(payload, 2, 0, 3)));
    expect(shown(words(drawn).slice(n)).join("")).toBe("");
    expect([...drawn.one(".text").children].map(({ tagName }) => tagName).indexOf("BR")).toBe(n);
  });

  test("a token of the source cannot be held, and tells what it gets", () => {
    const payload = example("attention", "two texts");
    const drawn = draw(payload);
    words(drawn)[2].click();
    expect(drawn.one(".text .held")).toBeNull();
    hover(words(drawn)[2]);
    const share = shortShare(shareOf(row(payload, 2, 0, 1)[2]), 0);
    expect(drawn.one(".detail").textContent).toBe(
      `layer 2, mean of 4 heads \u00b7 \u201ca6\u201d at position 6 \u2192 \u201c a3\u201d at position 2: ${share}`,
    );
  });

  test("a start that is no token of the text has no position", () => {
    const payload = example("attention", "two texts");
    const drawn = draw(payload);
    hover(words(drawn)[payload.keys.length]);
    expect(drawn.one(".detail").textContent).toMatch(/ \u00b7 \u201c<\/s>\u201d \u2192 /);
  });
});

test("what goes to no token is told", () => {
  const payload = example("attention", "sinks");
  const drawn = draw(payload);
  const n = payload.queries.length;
  const map = 3;
  const share = shareOf(Buffer.from(payload.rest, "base64")[map * n + payload.query]);
  expect(share).toBeGreaterThan(0.005);
  expect(drawn.one(".detail").textContent).toContain(`${shortShare(share, 0)} to no token`);
});

describe("a figure that does not hold everything", () => {
  test("queries without a row cannot be held and keep what was shown", () => {
    const payload = example("attention", "cut");
    const drawn = draw(payload);
    expect(payload.first_query).toBe(12);
    const before = shown(words(drawn));
    expect(before.some(Boolean)).toBe(true);
    words(drawn)[3].click();
    expect(drawn.one(".text .held")).toBeNull();
    hover(words(drawn)[3]);
    expect(shown(words(drawn))).toEqual(before);
    words(drawn)[13].click();
    expect(words(drawn)[13].classList.contains("now")).toBe(true);
    expect(shown(words(drawn)).slice(14).join("")).toBe("");
  });

  test("the rows that it holds are those of the last queries", () => {
    const payload = example("attention", "cut");
    const from = maps(payload);
    const codes = [...Buffer.from(payload.weights, "base64")];
    expect(codes).toHaveLength(13 + 14 + 15 + 16);
    expect([...from.row(0, 13)]).toEqual(codes.slice(13, 27));
    expect(from.row(0, 11)).toHaveLength(0);
    expect(from.seen(11)).toBe(0);
  });
});

describe("a small picture", () => {
  const payload = () => ({
    queries: [0, 1].map((id) => ({ text: "x", id })),
    keys: null,
    layers: [0],
    columns: [0],
    causal: true,
    first_query: 0,
    weights: Buffer.from([255, 0, 128]).toString("base64"),
    rest: null,
  });
  const colour = (data, side, x, y) => [...data.slice(4 * (y * side + x), 4 * (y * side + x) + 4)];

  test("queries run downward, keys to the right, and what cannot be seen is clear", () => {
    const data = pixels(maps(payload()), 0, 2, 4, "light");
    expect(colour(data, 4, 0, 0)).toEqual([0x34, 0x16, 0x80, 255]);
    expect(colour(data, 4, 1, 1)).toEqual([0x34, 0x16, 0x80, 255]);
    expect(colour(data, 4, 2, 0)).toEqual([0, 0, 0, 0]);
    expect(colour(data, 4, 0, 3)).toEqual([255, 255, 255, 255]);
    const middle = magnitude(128 / 255, "light");
    expect(colour(data, 4, 3, 3).slice(0, 3)).toEqual([1, 3, 5].map((i) => Number.parseInt(middle.slice(i, i + 2), 16)));
  });

  test("a pixel that stands for several weights shows the largest", () => {
    const data = pixels(maps(payload()), 0, 2, 1, "light");
    expect(colour(data, 1, 0, 0)).toEqual([0x34, 0x16, 0x80, 255]);
  });

  test("it follows the theme", () => {
    const dark = pixels(maps(payload()), 0, 2, 2, "dark");
    expect(colour(dark, 2, 0, 1)).toEqual([0x17, 0x15, 0x1c, 255]);
  });
});

test.each([
  [0, 0, "0%"],
  [0, 0.01, "<1%"],
  [0, 0.003, "<0.3%"],
  [0.0002, 0, "<0.1%"],
  [0.0123, 0, "1.2%"],
  [0.0994, 0, "9.9%"],
  [0.0996, 0, "10%"],
  [0.346, 0, "35%"],
  [1, 0, "100%"],
])("the share %d (left out below %d) is written %s", (share, floor, text) => {
  expect(shortShare(share, floor)).toBe(text);
});
