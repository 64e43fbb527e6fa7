import { afterEach, describe, expect, test } from "vitest";
import { magnitude, rankShade } from "../src/parts/color.js";
import { apart, rankScale } from "../src/parts/lines.js";
import { background, draw, example, hover, leave, press } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

const tower = () => example("lens", "tower");
const cells = (drawn) => drawn.all("[role=gridcell]");
const rows = (drawn) => drawn.all("[role=option]");
const names = (items) => items.map((item) => item.querySelector(".name").textContent);
const strip = (text) => text.replace(/^ +| +$/g, "") || "\u00b7";
const white = (color) => (color === "#ffffff" ? "" : color);

/** How dark each value must be. */
const SHADES = {
  probability: (value) => value,
  rank: (value, size) => rankShade(value, size),
  surprisal: (value, size) => Math.min(1, value / Math.log(size)),
  entropy: (value, size) => Math.min(1, value / Math.log(size)),
  kl: (value, size) => Math.min(1, value / Math.log(size)),
};

test("every cell shows the likeliest word of its layer and position", () => {
  const payload = tower();
  const drawn = draw(payload);
  expect(names(cells(drawn))).toEqual(payload.best.flat().map(([first]) => strip(payload.words[first].text)));
  expect(cells(drawn).map((item) => item.classList.contains("first"))).toEqual(payload.rank.flat().map((rank) => rank === 1));
  expect(drawn.all("thead th").map((name) => name.textContent)).toEqual(payload.columns.map(({ read }) => strip(read.text)));
  expect(drawn.all("tfoot th").map((name) => name.textContent)).toEqual(payload.columns.map(({ token }) => strip(token.text)));
});

test.each(Object.keys(SHADES))("the switch colours by %s", (quantity) => {
  const payload = tower();
  const drawn = draw(payload);
  const button = drawn.all(".switch button").find(({ textContent }) => textContent.toLowerCase() === quantity);
  button.click();
  const wanted = payload[quantity].flat().map((v) => white(magnitude(SHADES[quantity](v, payload.vocab_size), "light")));
  expect(cells(drawn).map(background)).toEqual(wanted);
  expect(drawn.one(".what").textContent).toBe(payload.quantities[quantity]);
  expect(drawn.all("[aria-checked=true]")).toEqual([button]);
});

test("arrows choose in the switch, which is one tab stop", () => {
  const drawn = draw(tower());
  const buttons = drawn.all(".switch button");
  buttons[0].focus();
  press(drawn, "ArrowLeft");
  expect(drawn.host.shadowRoot.activeElement).toBe(buttons[4]);
  press(drawn, "ArrowRight");
  press(drawn, "ArrowRight");
  expect(buttons.map((button) => button.tabIndex)).toEqual([-1, 0, -1, -1, -1]);
  expect(drawn.one(".what").textContent).toBe(tower().quantities.rank);
});

test("it begins with the quantity of the payload, and the legend says its ends", () => {
  const halves = draw(example("lens", "halves"));
  expect(halves.one("[aria-checked=true]").textContent).toBe("rank");
  expect([halves.one(".low").textContent, halves.one(".high").textContent]).toEqual(["4,096", "rank 1"]);
  expect(draw(example("lens", "labels")).one(".high").textContent).toBe("0.7 nats");
  const payload = example("lens", "labels");
  payload.entropy[0][0] = 0.8;
  expect(draw(payload).one(".high").textContent).toBe("0.7+ nats");
});

test("states between attention and FFN are named so", () => {
  const drawn = draw(example("lens", "halves"));
  expect(
    drawn
      .all("tbody .layer")
      .slice(0, 3)
      .map((name) => name.textContent),
  ).toEqual(["0 attention", "layer 0", "1 attention"]);
});

describe("the words of a cell", () => {
  const shares = (drawn) => rows(drawn).map((row) => row.querySelector(".share").textContent);
  const lines = (drawn) => drawn.all(".line .end").map((name) => name.textContent);

  test("are those of the last one at first, then of the one that is pointed at", () => {
    const payload = tower();
    const drawn = draw(payload);
    const says = (row, column) => {
      expect(names(rows(drawn))).toEqual(payload.best[row][column].map((word) => strip(payload.words[word].text)));
      expect(shares(drawn)).toEqual(payload.shares[row][column].map((share) => `${(100 * share).toFixed(1)}%`));
    };
    says(5, 7);
    hover(cells(drawn)[2 * 8 + 2]);
    says(2, 2);
    expect(drawn.one(".of").textContent).toBe(`layer 2, position ${payload.columns[2].position}`);
    expect(drawn.one(".detail").textContent).toContain(
      `layer 2 \u00b7 \u201c but\u201d at position 7: rank ${payload.rank[2][2]}`,
    );
  });

  test("a click on a cell holds it, and Escape releases it", () => {
    const payload = tower();
    const drawn = draw(payload);
    cells(drawn)[2 * 8 + 2].click();
    hover(cells(drawn)[0]);
    expect(drawn.one(".of").textContent).toBe("layer 2, position 7");
    cells(drawn)[2 * 8 + 2].focus();
    press(drawn, "Escape");
    expect(drawn.one(".of").textContent).toBe("layer 0, position 5");
  });

  test("its first word is followed through the layers beside what stands there, as far as the figure knows it", () => {
    const payload = tower();
    const drawn = draw(payload);
    cells(drawn)[2 * 8 + 2].click();
    expect(lines(drawn)).toEqual(["but", "."]);
    const known = payload.best.filter((row) => row[2].includes(payload.best[2][2][0])).length;
    const groups = drawn.all(".line");
    expect(groups[0].querySelectorAll("circle")).toHaveLength(6);
    expect(groups[1].querySelectorAll("circle")).toHaveLength(known);
    expect(known).toBeLessThan(6);
    const tops = [...groups[0].querySelectorAll("circle")].map((circle) => Number(circle.getAttribute("cy")));
    const order = (values) => values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
    expect(order(tops)).toEqual(order(payload.probability.map((row) => -row[2])));
  });

  test("another of its words is followed when it is pointed at or held", () => {
    const payload = tower();
    const drawn = draw(payload);
    cells(drawn)[2 * 8 + 2].click();
    hover(rows(drawn)[2]);
    expect(lines(drawn)).toEqual(["but", "country"]);
    const same = drawn.all("td.same").map((item) => item.querySelector(".name").textContent);
    expect(new Set(same)).toEqual(new Set(["country"]));
    rows(drawn)[3].click();
    leave(drawn.one("[role=listbox]"));
    expect(lines(drawn)).toEqual(["but", "the"]);
    expect(rows(drawn)[3].getAttribute("aria-selected")).toBe("true");
  });
});

test("no positions", () => {
  const payload = { ...tower(), columns: [], words: [] };
  for (const name of ["best", "shares", "probability", "rank", "surprisal", "entropy", "kl"])
    payload[name] = [[], [], [], [], [], []];
  expect(draw(payload).one(".detail").textContent).toBe("no positions");
});

describe("names at the ends of lines", () => {
  test.each([
    [[], []],
    [[50], [50]],
    [
      [50, 100],
      [50, 100],
    ],
    [
      [50, 52],
      [43.5, 58.5],
    ],
    [
      [52, 50],
      [58.5, 43.5],
    ],
    [
      [0, 1],
      [0, 15],
    ],
    [
      [199, 200, 200],
      [170, 185, 200],
    ],
    [
      [50, 60, 70],
      [45, 60, 75],
    ],
  ])("%j stand at %j", (places, wanted) => {
    expect(apart(places, 15, 0, 200)).toEqual(wanted);
  });

  test("many never meet and keep their order", () => {
    const places = Array.from({ length: 10 }, (_, i) => (i * 37) % 100);
    const found = apart(places, 15, 0, 200);
    const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
    order.slice(1).forEach((index, k) => {
      expect(found[index] - found[order[k]]).toBeGreaterThanOrEqual(15 - 1e-9);
    });
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...found)).toBeLessThanOrEqual(200);
  });
});

test("a scale of ranks has rank 1 on top and a tick for every power of ten", () => {
  const scale = rankScale([1, 3, 4000, null], String);
  expect(scale.ticks.map(({ value }) => value)).toEqual([1, 10, 100, 1000]);
  expect([1, 4000].map(scale.at)).toEqual([1, 0]);
  expect(rankScale([1, 1], String).ticks.map(({ text }) => text)).toEqual(["1", "10"]);
});
