import { afterEach, describe, expect, test } from "vitest";
import { diverging } from "../src/parts/color.js";
import { background, draw, example, hover, leave } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

const words = (drawn) => drawn.all("[role=option]");
const colour = (color) => (color === "#ffffff" ? "" : color);

describe("difference", () => {
  test("every token has the colour of its change, in one scale for both texts", () => {
    const payload = example("difference", "heathrow");
    const drawn = draw(payload);
    const changes = payload.texts.flatMap((text) => text.changes);
    const extent = Math.max(...changes.map(Math.abs));
    expect(words(drawn).map((item) => background(item.querySelector(".w")))).toEqual(
      changes.map((change) => colour(diverging(change / extent, "light"))),
    );
  });

  test("what stands in one text only is marked", () => {
    const payload = example("difference", "heathrow");
    const marked = words(draw(payload)).map((item) => Number(item.classList.contains("differs")));
    expect(marked).toEqual(payload.texts.flatMap((text) => text.differs));
    expect(marked).toContain(0);
    expect(marked).toContain(1);
  });

  test("the numbers of a token that is pointed at are said", () => {
    const payload = example("difference", "heathrow");
    const drawn = draw(payload);
    const [first, second] = payload.texts;
    hover(words(drawn)[first.tokens.length].querySelector(".w"));
    const said = drawn.one(".detail").textContent;
    expect(said).toContain(`change +${second.changes[0]}`);
    expect(said).toContain(`log-probability ${second.log_probabilities[0][0]}, then ${second.log_probabilities[1][0]}`);
    expect(said).toContain(`in this text only \u00b7 position ${payload.position}`);
    leave(drawn.one("[role=listbox]"));
    expect(drawn.one(".detail").textContent).toMatch(/^\d+ of 6 tokens of the second text are not in the first$/);
  });

  test("a number that is missing has no colour", () => {
    const payload = example("difference", "a number that is missing");
    const drawn = draw(payload);
    const item = words(drawn)[payload.texts[0].tokens.length + 1];
    expect(background(item.querySelector(".w"))).toBe("");
    hover(item.querySelector(".w"));
    expect(drawn.one(".detail").textContent).toContain("then unknown");
  });
});
