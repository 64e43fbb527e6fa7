import { afterEach, describe, expect, test } from "vitest";
import { diverging, magnitude } from "../src/parts/color.js";
import { background, draw, example, hover, leave, press } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

const words = (drawn) => drawn.all("[role=option]");
const cells = (drawn) => drawn.all("[role=gridcell]");
const colour = (color) => (color === "#ffffff" ? "" : color);

describe("methods compared", () => {
  test.each(["heathrow", "signed"])("every text is coloured in the scale of its method: %s", (name) => {
    const payload = example("comparison", name);
    const drawn = draw(payload);
    const n = payload.tokens.length;
    payload.methods.forEach(({ scores }, row) => {
      const extent = Math.max(...scores.map(Math.abs));
      const scale = payload.signed ? diverging : magnitude;
      const found = words(drawn).slice(row * n, row * n + scores.length);
      expect(found.map((item) => background(item.querySelector(".w")))).toEqual(
        scores.map((score) => colour(scale(score / extent, "light"))),
      );
    });
  });

  test("a token that is pointed at is marked in every text, and each method's number is said", () => {
    const payload = example("comparison", "heathrow");
    const drawn = draw(payload);
    const n = payload.tokens.length;
    hover(words(drawn)[n + 1].querySelector(".w"));
    expect(words(drawn).flatMap((item, index) => (item.classList.contains("same") ? [index] : []))).toEqual([
      1,
      n + 1,
      2 * n + 1,
    ]);
    for (const { label, scores } of payload.methods) {
      expect(drawn.one(".detail").textContent).toContain(`${label} ${Number((100 * scores[1]).toPrecision(4))}%`);
    }
    leave(drawn.one("[role=listbox]"));
    expect(drawn.all(".same")).toEqual([]);
  });

  test("up and down lead to the same token of another method", () => {
    const payload = example("comparison", "heathrow");
    const drawn = draw(payload);
    words(drawn)[3].focus();
    press(drawn, "ArrowDown");
    expect(drawn.host.shadowRoot.activeElement).toBe(words(drawn)[payload.tokens.length + 3]);
  });

  test("the agreement of two methods stands where they meet", () => {
    const payload = example("comparison", "heathrow");
    const drawn = draw(payload);
    const { agreement, overlap, top, methods } = payload;
    expect(cells(drawn)[2].textContent).toBe(`${agreement[0][2].toFixed(2)} \u00b7 ${overlap[0][2]}/${top}`);
    expect(background(cells(drawn)[2])).toBe(diverging(agreement[0][2], "light"));
    expect(cells(drawn)[0].textContent).toBe("\u2013");
    hover(cells(drawn)[2]);
    expect(drawn.one(".detail").textContent).toBe(
      `${methods[0].label} and ${methods[2].label} \u00b7 rank correlation ${agreement[0][2].toFixed(2)} \u00b7 ${overlap[0][2]} of 3 strongest tokens are the same`,
    );
    leave(drawn.one("[role=grid]").parentNode);
    expect(drawn.one(".detail").textContent).toContain("explained by");
  });

  test("one method has nobody to agree with", () => {
    expect(cells(draw(example("comparison", "one method of two texts")))).toEqual([]);
  });
});
