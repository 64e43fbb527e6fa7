import { afterEach, describe, expect, test } from "vitest";
import { folded } from "../src/parts/words.js";
import { draw, example, press } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

const token = (text) => ({ text, id: 1 });
const PAYLOAD = {
  tokens: ["He", "athrow", " is", " in", " Lon", "don", "."].map(token),
  n_input: 4,
  targets: [4, 5, 6],
  scores: [
    [1, 2, 3, -4],
    [1, 1, 1, 1, 6],
    [1, 1, 1, 1, 2, -3],
  ],
  unit: "raw",
};
const WORDS = {
  spans: [
    [0, 2],
    [4, 6],
  ],
  subtitle: "of each word",
};
const words = (more) => folded({ ...PAYLOAD, ...more }, WORDS);

describe("tokens folded into words", () => {
  test("a word has the text of its tokens", () => {
    const found = words();
    expect(found.tokens.map(({ text }) => text)).toEqual(["Heathrow", " is", " in", " London", "."]);
    expect(found.n_input).toBe(3);
    expect(found.subtitle).toBe("of each word");
  });

  test("scores are summed over sources and over the explained tokens, without those of the explained word", () => {
    const found = words();
    expect(found.targets).toEqual([3, 4]);
    expect(found.seen).toEqual([3, 4]);
    expect(found.scores).toEqual([
      [5, 4, -3],
      [2, 1, 1, -1],
    ]);
  });

  test("shares are taken anew", () => {
    expect(words({ unit: "share" }).scores).toEqual([
      [5 / 12, 4 / 12, -3 / 12],
      [2 / 5, 1 / 5, 1 / 5, -1 / 5],
    ]);
  });

  test("what has no score adds none, and what is beyond the row is 0", () => {
    const scores = [
      [null, null, 3],
      [1, null, 1, 1, 6],
      [null, 1, 1, 1, 2, -3],
    ];
    expect(words({ scores }).scores).toEqual([
      [1, 4, 1],
      [1, 1, 1, -1],
    ]);
    expect(words({ targets: [6], scores: [[null, null, 3]] }).scores).toEqual([[null, 3, 0, 0]]);
  });

  test("a place behind the text stays there, and one that sees all still does", () => {
    const found = words({ targets: [7], seen: [7], scores: [[1, 1, 1, 1, 1, 1, 1]] });
    expect(found.targets).toEqual([5]);
    expect(found.scores).toEqual([[2, 1, 1, 2, 1]]);
  });
});

describe("the switch between tokens and words", () => {
  test.each(["minimal", "detailed", "matrix"])("shows the same answer either way, %s", (style) => {
    const drawn = draw({ ...example("attribution", "words"), style });
    const [, toWords] = drawn.all(".switch button");
    const texts = () =>
      [...drawn.root.querySelectorAll(style === "matrix" ? ".top .edge" : "[role=option]")].map((item) => item.textContent);
    expect(texts().slice(0, 2).join("|")).toMatch(/^He.*\|athrow/);
    toWords.click();
    expect(texts()[0]).toMatch(/^Heathrow/);
    expect(drawn.host.shadowRoot.activeElement?.textContent).toBe("words");
    expect(drawn.root.querySelectorAll("[role=figure]")).toHaveLength(1);
    press(drawn, "ArrowLeft");
    expect(texts()[0]).toMatch(/^He/);
    expect(texts()[1]).toMatch(/^athrow/);
    expect(drawn.host.shadowRoot.activeElement?.textContent).toBe("tokens");
  });

  test("there is none where no word has several tokens", () => {
    expect(draw(example("attribution", "minimal")).all(".switch")).toHaveLength(0);
  });
});
