import { describe, expect, test } from "vitest";
import { exactPercent, percent, ranges, score, shortRank, whole } from "../src/parts/format.js";
import { directionOf, nameOf, quoted, visible, written } from "../src/parts/text.js";

describe("text that cannot be seen gets a mark", () => {
  test.each([
    ["\n", "\u21b5"],
    ["\t", "\u2192"],
    ["\u2028", "\u2424"],
    ["\x85", "\u2424"],
    ["\0", "\u2400"],
    ["\r", "\u240d"],
    ["\x7f", "\u2421"],
    ["\u202e", "\ufffd"],
    ["\u200b", "\ufffd"],
    ["\ud800", "\ufffd"],
    ["\u{1f469}\u200d\u{1f467}", "\u{1f469}\u200d\u{1f467}"],
    ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"],
    ["caf\u00e9 \u4e2d\u6587", "caf\u00e9 \u4e2d\u6587"],
  ])("%j is shown as %j", (text, shown) => expect(visible(text)).toBe(shown));
});

test("the name of a token has no spaces around it, and is never empty", () => {
  expect(nameOf({ text: " London " })).toBe("London");
  expect(nameOf({ text: "  " })).toBe("\u00b7");
  expect(nameOf(null)).toBe("");
});

test("a quotation is cut between characters, never inside one", () => {
  expect(quoted("\u{1f600}\u{1f600}\u{1f600}", 2).textContent).toBe("\u201c\u{1f600}\u{1f600}\u2026\u201d");
});

test("each line of a token is a word of its own, and the text remains", () => {
  const { nodes, words } = written({ text: " a\n\nb\tc", id: 0 }, { breaks: true });
  expect(nodes.map((node) => node.textContent).join("")).toBe(" a\n\nb\tc");
  expect(words.map((word) => word.textContent)).toEqual(["a", "", "b\tc"]);
});

test("a piece of a character is a ring without text, unlike a space", () => {
  const { words } = written({ text: "", id: 0, part: true }, { breaks: true });
  expect(words[0].textContent).toBe("");
  expect(words[0].firstChild.dataset.sign).toBe("\u25e6");
  expect(words[0].firstChild.getAttribute("aria-label")).toBe("piece of a character");
  const nothing = written({ text: "", id: 1 }, { breaks: false }).words[0].firstChild;
  expect(nothing.getAttribute("aria-label")).toBe("no text");
  const space = written({ text: " ", id: 1 }, { breaks: false }).words[0].firstChild;
  expect(space.dataset.sign).toBe("\u00b7");
});

test("marks are read out by name", () => {
  const { words } = written({ text: "a\t\0\n", id: 0 }, { breaks: true });
  expect([...words[0].children].map((mark) => mark.getAttribute("aria-label"))).toEqual([
    "tab",
    "control character",
    "newline",
  ]);
});

test("a text runs as its first letter does", () => {
  const direction = (...texts) => directionOf(texts.map((text) => ({ text, id: 0 })));
  expect(direction("1. ", "\u0645\u0631\u062d\u0628\u0627", " a")).toBe("rtl");
  expect(direction("a", "\u05e9")).toBe("ltr");
  expect(direction("1", "\u4e2d")).toBe("ltr");
  expect(direction()).toBe("ltr");
});

describe("numbers", () => {
  test.each([
    [1, "1"],
    [9_999, "9,999"],
    [38_732, "39k"],
    [999_499, "999k"],
    [999_999, "1.0M"],
    [1_250_000, "1.3M"],
    [null, "\u2013"],
  ])("rank %s is short as %s", (rank, shown) => expect(shortRank(rank)).toBe(shown));

  test("whole numbers have their thousands apart", () => expect(whole(1234567)).toBe("1,234,567"));

  test("percent has one decimal", () => {
    expect(percent(0.2044)).toBe("20.4%");
    expect(percent(null)).toBe("\u2013");
  });

  test("an exact share has all its digits", () => {
    expect(exactPercent(0.2044)).toBe("20.44%");
    expect(exactPercent(2.3e-5)).toBe("0.0023%");
    expect(exactPercent(1e-12)).toBe("1e-10%");
    expect(exactPercent(0)).toBe("0%");
  });

  test("raw scores have the decimals that the largest needs", () => {
    expect(score(0.01234, "raw", 0.0312)).toBe("0.0123");
    expect(score(-12.345, "raw", 99)).toBe("-12.3");
    expect(score(1234.5, "raw", 2000)).toBe("1235");
    expect(score(1.23e-7, "raw", 9e-6)).toBe("1.2e-7");
    expect(score(1e-12, "raw", 9e-6)).toBe("0");
    expect(score(0, "raw", 0)).toBe("0.00");
  });

  test("runs of layers are short", () => {
    expect(ranges([0, 3, 4, 5, 8, 9])).toBe("0, 3\u20135, 8, 9");
    expect(ranges([])).toBe("");
  });
});
