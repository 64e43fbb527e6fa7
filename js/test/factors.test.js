import { afterEach, expect, test, vi } from "vitest";
import { category, palette } from "../src/parts/color.js";
import { pathOf, valuesOf } from "../src/views/factors.js";
import { background, draw, example, hover, leave, press } from "./helpers.js";

afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

/** The figure, and its colours as they must be for one factor. */
function shown(name = "written") {
  const payload = example("factors", name);
  const figure = draw(payload);
  const n = payload.tokens.length;
  const values = valuesOf(payload);
  const colours = (factorOf) =>
    payload.tokens.map((_, token) => {
      const factor = factorOf(token);
      const shade = Math.round(values[factor * n + token] * 32) / 32;
      return shade ? category(factor % 6, shade, "light") : "";
    });
  return {
    payload,
    ...figure,
    values,
    n,
    lines: figure.all(".factor"),
    now: () => figure.all(".text [role=option]").map((item) => background(item.querySelector(".w"))),
    of: (factor) => colours(() => factor),
    strongest: () =>
      colours((token) => {
        const sizes = payload.peaks.map((_, factor) => Math.abs(values[factor * n + token]));
        return sizes.indexOf(Math.max(...sizes));
      }),
    named: () => figure.all(".factor .name").map(({ textContent }) => textContent),
  };
}

test.each(["written", "one of two, signed"])("%s: at rest every token has the colour of its strongest factor", (name) => {
  const { now, strongest } = shown(name);
  expect(now()).toEqual(strongest());
});

test.each(["written", "one of two, signed"])("%s: hovering a line colours the text by its factor", (name) => {
  const { lines, now, of, strongest, one } = shown(name);
  hover(lines[2]);
  expect(now()).toEqual(of(2));
  expect(one(".detail").textContent).toContain("factor 2");
  hover(lines[1]);
  expect(now()).toEqual(of(1));
  leave(one(".factors [role=listbox]"));
  expect(now()).toEqual(strongest());
});

test("a figure with negative values tells their colour", () => {
  expect(shown("one of two, signed").one(".legend").textContent).toContain("grey: below 0");
  expect(shown().one(".legend").textContent).not.toContain("grey");
});

test("a line that is held stays until Escape", () => {
  const drawn = shown();
  drawn.lines[3].click();
  hover(drawn.lines[0]);
  expect(drawn.now()).toEqual(drawn.of(3));
  leave(drawn.one(".factors [role=listbox]"));
  drawn.lines[3].focus();
  press(drawn, "Escape");
  drawn.lines[3].blur();
  expect(drawn.now()).toEqual(drawn.strongest());
});

test("hovering a token marks its place on the lines and tells its values", () => {
  const { all, one, payload } = shown();
  expect(one(".mark").hidden).toBe(true);
  hover(all(".text [role=option]")[3]);
  expect(one(".mark").hidden).toBe(false);
  expect(one(".mark").style.left).toContain((3.5 / payload.tokens.length).toFixed(4));
  expect(one(".detail").textContent).toMatch(/response to .* at position 3 · .* of its peak/);
  hover(all(".text [role=option]")[payload.n_input]);
  expect(one(".detail").textContent).toContain("response before");
});

test("the end of the input is marked on the lines and in the text", () => {
  const { one, all, payload } = shown();
  expect(one(".input-end").getAttribute("style")).toContain((payload.n_input / payload.tokens.length).toFixed(4));
  expect(all(".text [role=option]").findIndex((item) => item.classList.contains("bar-before"))).toBe(payload.n_input);
  expect(shown("one of two, signed").one(".input-end")).toBeNull();
});

test("the held factor can be named, and keeps its name when it moves", () => {
  const drawn = shown();
  const [name] = drawn.all("input");
  const [up, down] = drawn.all("button");
  expect([name.disabled, up.disabled, down.disabled]).toEqual([true, true, true]);
  expect(drawn.named()[0]).toBe("list");
  drawn.lines[1].click();
  expect(name.disabled).toBe(false);
  name.value = "numbers";
  name.dispatchEvent(new Event("input"));
  expect(drawn.named()[1]).toBe("numbers");
  down.click();
  expect(drawn.named().slice(0, 4)).toEqual(["list", "factor 2", "numbers", "factor 3"]);
  expect(drawn.lines[2].classList.contains("held")).toBe(true);
  expect(drawn.now()).toEqual(drawn.of(1));
  up.click();
  up.click();
  up.click();
  expect(drawn.named().slice(0, 3)).toEqual(["numbers", "list", "factor 2"]);
  expect(drawn.lines[0].style.getPropertyValue("--hue")).toBe(palette("light").category[1]);
  expect(name.value).toBe("numbers");
  name.value = "";
  name.dispatchEvent(new Event("input"));
  expect(drawn.named()[0]).toBe("factor 1");
});

test("Alt and an arrow move the line that has the focus", () => {
  const drawn = shown();
  drawn.lines[1].focus();
  press(drawn, "ArrowDown", { altKey: true });
  expect(drawn.named().slice(0, 3)).toEqual(["list", "factor 2", "factor 1"]);
  expect(drawn.host.shadowRoot.activeElement).toBe(drawn.lines[2]);
  expect(drawn.now()).toEqual(drawn.of(1));
});

test("a line can be dragged over another", () => {
  const drawn = shown();
  drawn.lines[0].dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  drawn.lines[1].dispatchEvent(new PointerEvent("pointerover", { bubbles: true, buttons: 1 }));
  drawn.lines[2].dispatchEvent(new PointerEvent("pointerover", { bubbles: true, buttons: 1 }));
  expect(drawn.named().slice(0, 3)).toEqual(["factor 1", "factor 2", "list"]);
});

test("hues that return are hatched and dashed", () => {
  const { lines, all } = shown("one of two, signed");
  expect(lines.map((line) => line.classList.contains("again"))).toEqual([0, 0, 0, 0, 0, 0, 1, 1].map(Boolean));
  hover(lines[7]);
  expect(all(".text .again")).toEqual([]);
});

test("a line of many points keeps its peaks", () => {
  const values = new Float32Array(4000);
  values[1234] = 1;
  const points = pathOf(values, false).slice(1).split("L");
  expect(points).toHaveLength(400);
  expect(points.filter((point) => point.endsWith(" 1.0"))).toHaveLength(1);
  expect(points[123]).toMatch(/ 1\.0$/);
});

/** A long text with two factors, of which each has one value everywhere. */
function long(n = 700) {
  return {
    ...example("factors", "written"),
    tokens: Array.from({ length: n }, (_, id) => ({ text: ` t${id}`, id })),
    positions: Array.from({ length: n }, (_, id) => id),
    n_input: n,
    names: [null, null],
    peaks: [1, 1],
    signed: false,
    values: btoa("\xff".repeat(n) + "\x80".repeat(n)),
  };
}

/** Tokens lie under one another, 10 pixels high, and 20 of them are in sight. */
function scrolled() {
  vi.spyOn(HTMLElement.prototype, "offsetTop", "get").mockImplementation(function () {
    return this.getAttribute("role") === "option" ? 10 * [...this.parentNode.children].indexOf(this) : 0;
  });
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(200);
}

test("a long text is coloured where it is in sight at once, and elsewhere soon after", async () => {
  scrolled();
  const drawn = draw(long());
  const colours = () => drawn.all(".text .w").map((word) => word.style.backgroundColor);
  await vi.waitFor(() => expect(new Set(colours()).size).toBe(1));
  const [before] = colours();
  hover(drawn.all(".factor")[1]);
  const now = colours();
  expect(now.slice(0, 20).every((colour) => colour !== before)).toBe(true);
  expect(now.slice(30).every((colour) => colour === before)).toBe(true);
  await vi.waitFor(() => expect(colours().every((colour) => colour === now[0])).toBe(true));
});

test("what is scrolled away is coloured in pieces, each no longer than a short text", async () => {
  scrolled();
  const drawn = draw(long(1700));
  const last = drawn.all(".text .w").at(-1);
  await vi.waitFor(() => expect(last.style.backgroundColor).not.toBe(""));
  const before = last.style.backgroundColor;
  const pieces = [];
  const observer = new MutationObserver((records) => pieces.push(new Set(records.map(({ target }) => target)).size));
  observer.observe(drawn.one(".text"), { subtree: true, attributes: true, attributeFilter: ["style"] });
  hover(drawn.all(".factor")[1]);
  await vi.waitFor(() => expect(last.style.backgroundColor).not.toBe(before));
  expect(Math.max(...pieces)).toBeLessThanOrEqual(500);
});

test("a token of a long text is pointed at without asking where anything is, and touches no other", async () => {
  const drawn = draw(long());
  const tokens = drawn.all(".text [role=option]");
  const text = drawn.one(".text");
  await vi.waitFor(() => expect(tokens.at(-1).querySelector(".w").style.backgroundColor).not.toBe(""));
  const asked = [
    ...["offsetTop", "offsetHeight", "clientHeight", "scrollTop"].map((name) => vi.spyOn(HTMLElement.prototype, name, "get")),
    vi.spyOn(HTMLElement.prototype, "getBoundingClientRect"),
    vi.spyOn(window, "getComputedStyle"),
  ];
  const observer = new MutationObserver(() => {});
  observer.observe(text, { subtree: true, childList: true, attributes: true, characterData: true });
  const touched = (act) => {
    act();
    return [...new Set(observer.takeRecords().map(({ target }) => tokens.indexOf(target)))];
  };
  expect(touched(() => hover(tokens[3]))).toEqual([3]);
  expect(touched(() => hover(tokens[600]))).toEqual([3, 600]);
  expect(touched(() => leave(text))).toEqual([600]);
  for (const spy of asked) expect(spy).not.toHaveBeenCalled();
});

test("names have the room that the longest needs, up to a bound", () => {
  const drawn = draw({ ...example("factors", "written"), names: ["names of airports", null, null] });
  const width = () => Number.parseFloat(drawn.one(".factors").style.getPropertyValue("--names"));
  expect(width()).toBe(24 + 8 * 17);
  hover(drawn.all(".factor")[0]);
  drawn.all(".factor")[0].click();
  const input = drawn.one(".tools input");
  for (const [name, expected] of [
    ["a", 104],
    ["x".repeat(40), 200],
  ]) {
    input.value = name;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    expect(width()).toBe(expected);
  }
});
