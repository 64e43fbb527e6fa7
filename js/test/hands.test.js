import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diverging, magnitude } from "../src/parts/color.js";
import { background, draw, example, hover, leave, press } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

describe.each(["minimal", "signed"])("the text of an attribution (%s)", (name) => {
  let payload;
  let drawn;
  beforeEach(() => {
    payload = example("attribution", name);
    drawn = draw(payload);
  });

  /** The colours that a row of scores asks for. */
  const wanted = (row) => {
    const extent = Math.max(...payload.scores[row].map(Math.abs));
    const scale = payload.signed ? diverging : magnitude;
    return payload.scores[row].map((score) => scale(score / extent, "light"));
  };
  const shown = (row) => payload.scores[row].map((_, index) => background(drawn.items[index].querySelector(".w")));
  const colours = (row) => wanted(row).map((color) => (color === "#ffffff" ? "" : color));

  test("it begins with the scores of the first explained token", () => {
    expect(shown(0)).toEqual(colours(0));
    expect(drawn.items[23].classList.contains("now")).toBe(true);
  });

  test("hovering another explained token shows its scores, and leaving goes back", () => {
    hover(drawn.items[27].querySelector(".w"));
    expect(shown(4)).toEqual(colours(4));
    expect(drawn.one(".legend").textContent).toContain(`${(100 * Math.max(...payload.scores[4].map(Math.abs))).toFixed(1)}%`);
    leave(drawn.one(".text"));
    expect(shown(0)).toEqual(colours(0));
  });

  test("hovering a token that is not explained keeps the colours and tells its score", () => {
    hover(drawn.items[27]);
    hover(drawn.items[15]);
    expect(shown(4)).toEqual(colours(4));
    const share = Number((100 * payload.scores[4][15]).toPrecision(4));
    expect(drawn.one(".detail").textContent).toBe(
      `\u201c Belgium\u201d at position 15 \u00b7 ${share}% of \u201c Cyprus\u201d`,
    );
  });

  test("a click holds a token, so that hovering others changes no colour, and a second click lets go", () => {
    drawn.items[27].click();
    hover(drawn.items[30]);
    expect(shown(4)).toEqual(colours(4));
    expect(drawn.items[27].getAttribute("aria-selected")).toBe("true");
    drawn.items[27].click();
    expect(drawn.items[27].getAttribute("aria-selected")).toBe("false");
    expect(shown(7)).toEqual(colours(7));
  });

  test("arrows walk, Enter holds, Escape releases", () => {
    drawn.items[23].focus();
    press(drawn, "ArrowRight");
    expect(shown(1)).toEqual(colours(1));
    press(drawn, "Enter");
    expect(drawn.items[24].classList.contains("held")).toBe(true);
    press(drawn, "ArrowRight");
    press(drawn, "ArrowRight");
    expect(shown(1)).toEqual(colours(1));
    press(drawn, "Escape");
    expect(drawn.one(".held")).toBeNull();
    expect(shown(3)).toEqual(colours(3));
    press(drawn, "Escape");
    expect(drawn.host.shadowRoot.activeElement).toBeNull();
    expect(shown(0)).toEqual(colours(0));
  });

  test("Home and End go to the first and the last token, and there it stops", () => {
    drawn.items[23].focus();
    press(drawn, "Home");
    expect(drawn.items[0].tabIndex).toBe(0);
    press(drawn, "ArrowLeft");
    expect(drawn.items[0].tabIndex).toBe(0);
    press(drawn, "End");
    press(drawn, "ArrowRight");
    expect(drawn.items.at(-1).tabIndex).toBe(0);
    expect(drawn.items.filter((item) => item.tabIndex === 0)).toHaveLength(1);
  });
});

test("keys that a figure uses do not reach the page, others do", () => {
  const drawn = draw(example("tokens", "plain"));
  const seen = [];
  document.addEventListener("keydown", (event) => seen.push(event.key));
  drawn.items[0].focus();
  expect(press(drawn, "ArrowRight", { composed: true }).defaultPrevented).toBe(true);
  expect(press(drawn, "b", { composed: true }).defaultPrevented).toBe(false);
  expect(press(drawn, "ArrowRight", { composed: true, altKey: true }).defaultPrevented).toBe(false);
  expect(seen).not.toContain("Enter");
  expect(seen.filter((key) => key === "ArrowRight").length).toBeLessThanOrEqual(1);
});

describe("a heat map", () => {
  test("arrows walk in both directions and stay in their row and column", () => {
    const drawn = draw(example("rankings", "written"));
    const at = () => drawn.items.indexOf(drawn.host.shadowRoot.activeElement);
    drawn.items[50].focus();
    press(drawn, "ArrowDown");
    press(drawn, "ArrowLeft");
    expect(at()).toBe(50);
    press(drawn, "ArrowUp");
    press(drawn, "End");
    press(drawn, "ArrowRight");
    expect(at()).toBe(49);
    press(drawn, "Home");
    expect(at()).toBe(40);
    press(drawn, "Home", { ctrlKey: true });
    expect(at()).toBe(0);
    press(drawn, "End", { ctrlKey: true });
    expect(at()).toBe(59);
  });

  test("a cell that is pointed at tells its exact numbers and marks its layer and its column", () => {
    const drawn = draw(example("rankings", "written"));
    hover(drawn.items[0]);
    expect(drawn.one(".detail").textContent).toBe(
      "layer 0 \u00b7 \u201c Croatia\u201d at position 23 \u00b7 rank 38,732 of 50,257 \u00b7 probability 0.0023% \u00b7 layer\u2019s best: \u201c the\u201d",
    );
    expect(drawn.all(".on").map((name) => name.textContent)).toEqual([".", "layer 0", "Croatia"]);
    leave(drawn.one(".scroll"));
    expect(drawn.one(".detail").textContent).toBe("after layer 5: 9 of 10 tokens are at rank 1");
  });
});

test("layer predictions find a token in the other layers", () => {
  const drawn = draw(example("layer_predictions", "heathrow"));
  hover(drawn.items[14]);
  expect(drawn.all(".same .name").map((name) => name.textContent)).toEqual(["London", "London", "London", "London"]);
  expect(drawn.one(".detail").textContent).toBe(
    "layer 2, rank 5 \u00b7 \u201c London\u201d \u00b7 3% \u00b7 id 262 \u00b7 also in layer 3\u20135",
  );
});

test("predictions tell rank, probability and id", () => {
  const drawn = draw(example("predictions", "heathrow"));
  drawn.items[0].focus();
  press(drawn, "ArrowDown");
  expect(drawn.one(".detail").textContent).toBe("rank 2 \u00b7 \u201c Birmingham\u201d \u00b7 8% \u00b7 id 263");
});

test("tokens tell value, position and id", () => {
  const drawn = draw(example("tokens", "hostile"));
  hover(drawn.items[1]);
  expect(drawn.one(".detail").textContent).toBe(
    "\u201c<img src=x onerror=alert(1)>\u201d \u00b7 probability 29.4% \u00b7 position 1, read \u00b7 id 101",
  );
  hover(drawn.items[15]);
  expect(drawn.one(".detail").textContent).toContain("special");
});

test("pointing changes no text but that of the detail line", () => {
  const drawn = draw(example("attribution", "minimal"));
  const rest = () => drawn.one(".text").textContent + drawn.one(".head").textContent;
  const before = rest();
  for (const item of drawn.items) {
    hover(item);
    expect(rest()).toBe(before);
  }
});
