import { afterEach, describe, expect, test, vi } from "vitest";
import { views } from "../src/index.js";
import { scaleOf } from "../src/views/trace.js";
import { draw, example, hover, payloads } from "./helpers.js";

afterEach(() => document.body.replaceChildren());

describe.each(payloads)("$name", ({ payload }) => {
  test("its view draws it with title, subtitle, detail line and note", () => {
    const { one, root } = draw(payload);
    expect(views).toHaveProperty(payload.view);
    expect(one("[role=figure]").getAttribute("aria-label")).toBe(payload.title);
    expect(one(".head").textContent).toContain(payload.subtitle);
    expect(one(".detail").textContent).not.toBe("");
    expect(one(".detail").getAttribute("aria-live")).toBe("polite");
    expect(one(".note")?.textContent ?? null).toBe(payload.note);
    expect(root.textContent).not.toMatch(/undefined|NaN|\[object/);
  });

  test("each of its groups can be reached with one Tab", () => {
    const { items, all } = draw(payload);
    expect(items.length).toBeGreaterThan(0);
    const groups = all("[role=listbox], [role=grid]");
    expect(groups).not.toEqual([]);
    for (const group of groups) {
      const inside = items.filter((item) => group.contains(item));
      expect(inside.filter((item) => item.tabIndex === 0)).toHaveLength(1);
    }
  });

  test("nothing in it is markup that came from the data", () => {
    const alert = vi.fn();
    vi.stubGlobal("alert", alert);
    const { all } = draw(payload);
    expect(all("img, script, iframe, a, object, embed, form, link, meta")).toEqual([]);
    for (const element of all("*")) {
      expect([...element.attributes].map((attribute) => attribute.name).filter((name) => name.startsWith("on"))).toEqual([]);
    }
    expect(alert).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });
});

describe.each(
  payloads.filter(({ payload }) => payload.tokens && !["detailed", "matrix"].includes(payload.style) && !payload.methods),
)("$name", ({ payload }) => {
  test("its tokens joined are the text", () => {
    const { one, all } = draw(payload);
    expect(one(".text").textContent).toBe(payload.tokens.map(({ text }) => text).join(""));
    expect(all(".text [role=option]")).toHaveLength(payload.tokens.length);
  });
});

describe.each(payloads.filter(({ payload }) => payload.context?.length))("$name", ({ payload }) => {
  test("the context is one text with a gap where the position is", () => {
    const { one, all } = draw(payload);
    const after = payload.after ?? [];
    const text = [...payload.context, ...after].map((token) => token.text).join("");
    expect(one(".context").textContent.replace(/^\u2026/, "")).toBe(text);
    const pieces = [...one(".context").children];
    expect(pieces.length - 1 - pieces.findIndex(({ className }) => className === "gap")).toBe(after.length);
    expect(all(".context .gap")).toHaveLength(1);
  });
});

test("hostile tokens are shown as the text they are", () => {
  const { one } = draw(example("tokens", "hostile"));
  expect(one(".text").textContent).toContain("</script><img src=x onerror=alert(1)>");
});

test("a newline is a quiet mark and really breaks the line", () => {
  const { one } = draw(example("tokens", "plain"));
  expect(one("[data-sign='\u21b5']").textContent).toBe("");
  expect(one(".text").textContent).toContain("are:\n1.");
});

test("the space before a word takes no colour", () => {
  const { items } = draw(example("attribution", "minimal"));
  expect(items[1].querySelector(".w").textContent).toBe("countries");
  expect(items[1].textContent).toBe(" countries");
});

test("a view that does not exist is refused", () => {
  expect(() => draw({ ...example("tokens", "plain"), view: "toString" })).toThrow("there is no view toString");
});

describe("empty figures stay clean", () => {
  test("no tokens", () => {
    const { one } = draw({ ...example("tokens", "plain"), tokens: [], n_input: 0 });
    expect(one(".text").textContent).toBe("no tokens");
    expect(one("[role=listbox]")).toBeNull();
  });

  test("null values", () => {
    const payload = example("tokens", "hostile");
    const { one, all } = draw({ ...payload, values: payload.values.map(() => null) });
    expect(one(".legend")).toBeNull();
    expect(all(".w").every((word) => word.style.backgroundColor === "")).toBe(true);
  });

  test("scores that are all zero", () => {
    const payload = example("attribution", "minimal");
    const { one, all } = draw({ ...payload, scores: payload.scores.map((row) => row.map(() => 0)) });
    expect(one(".detail").textContent).toContain("all scores are 0");
    expect(one(".legend").style.visibility).toBe("hidden");
    expect(all(".w").every((word) => word.style.backgroundColor === "")).toBe(true);
  });

  test("no explained token", () => {
    const { one } = draw({ ...example("attribution", "minimal"), targets: [], scores: [] });
    expect(one(".detail").textContent).toBe("no token was explained");
  });

  test.each([
    ["rankings", "written", { columns: [], ranks: [[], [], [], [], [], []] }, "no ranks"],
    ["layer_predictions", "heathrow", { layers: [], predictions: [], context: [] }, "no predictions"],
    ["predictions", "heathrow", { predictions: [], context: [] }, "no predictions"],
    ["trace", "heathrow", { columns: [], shares: [[[]], [[]], [[]]] }, "no states"],
  ])("%s without data", (file, name, change, said) => {
    expect(draw({ ...example(file, name), ...change }).one(".detail").textContent).toBe(said);
  });

  test("a rank that is missing", () => {
    const payload = example("rankings", "written");
    payload.ranks[0][0] = null;
    payload.best[0][0] = null;
    payload.probabilities[0][0] = null;
    expect(draw(payload).items[0].textContent).toBe("\u2013");
  });
});

describe("attribution", () => {
  test("a row that ends early scores 0 beyond its end", () => {
    const payload = example("attribution", "detailed");
    payload.scores[0] = payload.scores[0].slice(0, 3);
    const { all } = draw(payload);
    expect(all(".number")[2].textContent).toBe("1.2%");
    expect(all(".number")[3].textContent).toBe("0.0%");
    expect(all(".number")[23].textContent).toBe("");
  });

  test("a named token behind the text stands at its end", () => {
    const payload = example("attribution", "minimal");
    const named = { text: " London", id: 262 };
    const { one } = draw({ ...payload, targets: [payload.tokens.length], scores: [payload.tokens.map(() => 0.1)], named });
    expect(one(".ghost").dataset.sign).toBe("London");
    expect(one(".slot").style.visibility).toBe("");
    expect(one(".detail").textContent).toContain("\u201c London\u201d at position 33");
    expect(one(".now")).toBeNull();
  });

  test("a named token in the text is told beside the one that is written", () => {
    const payload = example("attribution", "minimal");
    const { one } = draw({ ...payload, targets: [23], scores: [payload.scores[0]], named: { text: " London", id: 262 } });
    expect(one(".detail").textContent).toContain("\u201c London\u201d at position 23, written: \u201c Croatia\u201d");
    expect(one(".ghost")).toBeNull();
  });

  test("in the detailed style every token that was seen has its share", () => {
    const payload = example("attribution", "detailed");
    const { all, items } = draw(payload);
    const shown = all(".number").map((number) => number.textContent);
    expect(shown.slice(0, 23)).toEqual(payload.scores[0].map((share) => `${(100 * share).toFixed(1)}%`));
    expect(shown.slice(23).join("")).toBe("");
    expect(items[23].classList.contains("now")).toBe(true);
  });
});

describe("rankings", () => {
  test("watched tokens race: a line for each, named at its end, alone while its column is pointed at", () => {
    const payload = example("rankings", "watched");
    const { all, items } = draw(payload);
    expect(all(".line .end").map((name) => name.textContent)).toEqual(payload.columns.map(({ token }) => token.text.trim()));
    all(".line").forEach((line, column) => {
      const heights = [...line.querySelectorAll("circle")].map((circle) => Number(circle.getAttribute("cy")));
      const ranks = payload.ranks.map((row) => row[column]);
      expect(heights).toHaveLength(ranks.length);
      ranks.forEach((rank, i) => {
        ranks.forEach((other, j) => {
          if (rank < other) expect(heights[i]).toBeLessThan(heights[j]);
        });
      });
    });
    items[1].dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
    expect(all(".line").map((line) => line.classList.contains("off"))).toEqual(payload.columns.map((_, i) => i !== 1));
  });

  test("one token alone, and written tokens, have no race", () => {
    expect(draw(example("rankings", "written")).one("svg")).toBeNull();
    const payload = example("rankings", "watched");
    payload.columns.length = 1;
    for (const name of ["ranks", "probabilities", "best"]) payload[name] = payload[name].map((row) => row.slice(0, 1));
    expect(draw(payload).one("svg")).toBeNull();
  });

  test("every cell holds its rank, and rank 1 is outlined", () => {
    const payload = example("rankings", "written");
    const { items } = draw(payload);
    const flat = payload.ranks.flat();
    expect(items).toHaveLength(flat.length);
    expect(items[0].textContent).toBe("39k");
    expect(items[8].textContent).toBe("8,276");
    expect(items.map((item) => item.classList.contains("first"))).toEqual(flat.map((rank) => rank === 1));
  });

  test("read tokens stand above the columns, written ones below", () => {
    const payload = example("rankings", "written");
    const { all } = draw(payload);
    expect(all("thead th").map((name) => name.textContent)).toEqual([
      ".",
      "Croatia",
      "\u21b5",
      "5",
      ".",
      "Cyprus",
      "\u21b5",
      "6",
      ".",
      "Czech",
    ]);
    expect(
      all("tfoot th")
        .map((name) => name.textContent)
        .slice(-2),
    ).toEqual(["Czech", "Republic"]);
    expect(all("tbody th").map((name) => name.textContent)).toEqual(payload.layers.map((layer) => `layer ${layer}`));
  });
});

test("layer predictions outline the token of the text wherever it occurs", () => {
  const { all } = draw(example("layer_predictions", "heathrow"));
  expect(all(".hit .name").map((name) => name.textContent)).toEqual(["London", "London", "London", "London"]);
});

test("the bars of predictions fill a scale that is told", () => {
  const payload = example("predictions", "heathrow");
  for (const prediction of payload.predictions) prediction.probability /= 10;
  const { all, one } = draw(payload);
  expect(Number.parseFloat(all(".row .bar")[0].style.width)).toBeCloseTo(81);
  expect(one(".legend").textContent).toBe("a full bar is 10%");
});

test("a target begins a line", () => {
  const { one } = draw(example("tokens", "two sides"));
  const children = [...one(".text").children].map(({ tagName }) => tagName);
  expect(children).toEqual(["SPAN", "SPAN", "BR", "SPAN", "SPAN"]);
});

describe("faithfulness", () => {
  test("a row of its table brings out its lines and says its figures", () => {
    const payload = example("faithfulness", "heathrow");
    const { all, items, one } = draw(payload);
    const lines = [...all(".charts svg")].map((chart) => [...chart.querySelectorAll(".curve:not(.chance)")]);
    expect(lines.map((found) => found.length)).toEqual([3, 3]);
    items[7].dispatchEvent(new Event("pointerover", { bubbles: true })); // the second method's first figure
    expect(lines.map((found) => found.map(({ style }) => style.opacity))).toEqual(Array(2).fill(["0.15", "", "0.15"]));
    expect(one(".detail").textContent).toContain(payload.methods[1].label);
    expect(one(".detail b").textContent).toBe(payload.methods[1].comprehensiveness.toFixed(3));
  });

  test("curves begin and end where the whole text and nothing stand", () => {
    const payload = example("faithfulness", "heathrow");
    const { all } = draw(payload);
    const [deletion, insertion] = [...all(".charts svg")].map((chart) =>
      chart.querySelector(".curve:not(.chance)").getAttribute("d"),
    );
    const ends = (d) =>
      d
        .slice(1)
        .split("L")
        .map((point) => point.split(",").map(Number));
    expect(ends(deletion)[0][1]).toBeCloseTo(ends(insertion).at(-1)[1], 1);
    expect(ends(deletion)[0][1]).toBeLessThan(ends(deletion).at(-1)[1]);
  });
});

describe("probe", () => {
  test("curves and figures of every layer, and what always saying one label would reach", () => {
    const payload = example("probe", "two");
    const drawn = draw(payload);
    expect(drawn.all("svg")).toHaveLength(2);
    expect(drawn.all("svg")[0].querySelectorAll(".line")).toHaveLength(payload.series.length + 1);
    expect(drawn.all("svg")[1].querySelectorAll(".line")).toHaveLength(payload.series.length);
    expect(drawn.all("tbody tr").map((row) => row.querySelector("th").textContent)).toEqual(
      payload.layers.map((layer) => (layer === null ? "embeddings" : `layer ${layer}`)),
    );
    expect(drawn.one(".detail").textContent).toContain("53.5%");
  });

  test("a layer is described with its spread and its control task", () => {
    const payload = example("probe", "two");
    const drawn = draw(payload);
    hover(drawn.items[6]);
    const [{ accuracy, spread, control }] = payload.series;
    const text = drawn.one(".detail").textContent;
    for (const value of [accuracy[1], spread[1], control[1]]) expect(text).toContain(`${(100 * value).toFixed(1)}%`);
    expect(text).toContain("selectivity \u22123.0%");
    hover(drawn.items[3]);
    expect(drawn.one(".detail").textContent).toBe("embeddings: no neurons");
    expect(drawn.all(".line.off").length).toBeGreaterThan(0);
  });
});

describe("contributions", () => {
  test("each bar begins where the one before it ended, and the last one is the sum", () => {
    const payload = example("contributions", "heathrow");
    const bars = [...draw(payload).all(".fall")].map(({ className, style }) => {
      const [left, width] = [Number.parseFloat(style.left), Number.parseFloat(style.width)];
      return className.includes("away") ? [left + width, left] : [left, left + width];
    });
    expect(bars).toHaveLength(payload.parts.length + 1);
    for (let i = 1; i < payload.parts.length; i++) expect(bars[i][0]).toBeCloseTo(bars[i - 1][1], 3);
    expect(bars.at(-1)[0]).toBeCloseTo(bars[0][0], 3);
    expect(bars.at(-1)[1]).toBeCloseTo(bars.at(-2)[1], 0);
  });

  test("a part says what it adds and where the token would stand", () => {
    const payload = example("contributions", "heathrow");
    const { items, one } = draw(payload);
    items[3].dispatchEvent(new Event("pointerover", { bubbles: true }));
    expect(one(".detail").textContent).toContain(payload.parts[3].name);
    expect(one(".detail b").textContent).toBe(String(payload.parts[3].value));
    expect(one(".detail").textContent).toContain(`rank ${payload.parts[3].rank}`);
  });
});

describe("neurons", () => {
  test("bars begin at zero, and only what lowers the logit goes the other way", () => {
    const payload = example("neurons", "against");
    const values = payload.neurons.map(({ value }) => value);
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const zero = (100 * -low) / (high - low);
    const bars = [...draw(payload).all(".fall")];
    expect(bars).toHaveLength(values.length);
    expect(values.some((value) => value < 0) && values.some((value) => value > 0)).toBe(true);
    bars.forEach(({ className, style }, index) => {
      const [left, width] = [Number.parseFloat(style.left), Number.parseFloat(style.width)];
      expect(className.includes("away")).toBe(values[index] < 0);
      expect(values[index] < 0 ? left + width : left).toBeCloseTo(zero, 3);
      expect(width).toBeCloseTo((100 * Math.abs(values[index])) / (high - low), 3);
    });
  });

  test("a neuron shows its words and tells its numbers", () => {
    const payload = example("neurons", "heathrow");
    const { items, one } = draw(payload);
    const { layer, number, activation, value, raised, lowered } = payload.neurons[2];
    for (const [side, words] of Object.entries({ raised, lowered })) {
      expect(items[2].querySelector(`.${side}`).textContent).toBe(words.map(({ text }) => text.trim()).join(" \u00b7 "));
    }
    hover(items[2]);
    for (const said of [`layer ${layer}, neuron ${number}`, `is ${activation}`, `by ${raised[0].value}`]) {
      expect(one(".detail").textContent).toContain(said);
    }
    expect(one(".detail b").textContent).toBe(String(value));
  });
});

describe("one token rather than another", () => {
  test("a matrix names both sides too", () => {
    const payload = { ...example("attribution", "contrast"), style: "matrix" };
    const key = (more) => draw({ ...payload, ...more }).one(".legend").textContent;
    expect(key({})).toMatch(/^for Paris .*% for London$/);
    const [row] = payload.scores;
    expect(key({ targets: [8, 9], scores: [row.slice(0, 8), row], seen: [8, 9] })).toMatch(/% for the explained token$/);
    expect(key({ signed: false })).not.toContain("for");
  });

  test("both are named at the ends of the scale, and bars lie on both sides of zero", () => {
    const payload = example("attribution", "contrast");
    const { one, items } = draw(payload);
    expect(one("[role=figure]").getAttribute("aria-label")).toBe("Why \u201cLondon\u201d rather than \u201cParis\u201d");
    expect(one(".low").textContent).toMatch(/^for Paris -\d/);
    expect(one(".high").textContent).toMatch(/% for London$/);
    const most = Math.max(...payload.scores[0].map(Math.abs));
    payload.scores[0].forEach((score, index) => {
      const bar = items[index].querySelector(".bar");
      expect(Number(bar.style.transform.match(/-?[\d.]+/)[0])).toBeCloseTo(score / most, 2);
      expect(bar.classList.contains("away")).toBe(score < 0);
    });
    expect(payload.scores[0].some((score) => score < 0)).toBe(true);
  });

  test("without signs the scale names nobody", () => {
    const payload = example("attribution", "contrast");
    const scores = payload.scores.map((row) => row.map(Math.abs));
    expect(draw({ ...payload, signed: false, scores }).one(".high").textContent).toMatch(/^[\d.]+%$/);
  });
});

describe("labels", () => {
  test("chips tell the probability of each, and mark the explained one", () => {
    const payload = { ...example("attribution", "minimal"), named: { text: "bad", id: 0 }, explained: undefined };
    payload.labels = [
      { text: "bad", probability: 0.75 },
      { text: "<b>good", probability: 0.25 },
    ];
    const { all } = draw(payload);
    expect([...all(".chip")].map(({ textContent }) => textContent)).toEqual(["bad 75.0%", "<b>good 25.0%"]);
    expect([...all(".chip.on")]).toHaveLength(1);
    expect([...draw(example("attribution", "minimal")).all(".chip")]).toEqual([]);
  });
});

describe("trace", () => {
  test("every cell holds its share, and what is none stays empty", () => {
    const payload = example("trace", "noise");
    const { items } = draw(payload);
    const shares = payload.shares[0].flat();
    expect(items.map((item) => item.textContent)).toEqual(
      shares.map((share) => (Math.round(100 * share) ? `${Math.round(100 * share)}%` : "")),
    );
  });

  test("corrupted tokens are marked, and what the corrupted run read stands below", () => {
    const payload = example("trace", "heathrow");
    const { all } = draw(payload);
    expect(all("thead th").map((name) => name.classList.contains("corrupted"))).toEqual(
      payload.columns.map(({ corrupted }) => corrupted),
    );
    expect(all("tfoot th").map((name) => name.textContent)).toEqual(
      payload.columns.map(({ replaced }) => replaced?.text.trim() ?? ""),
    );
    const noisy = draw(example("trace", "noise")).all("tfoot th");
    expect(noisy.map((name) => name.textContent).filter(Boolean)).toEqual(["noise", "noise"]);
  });

  test("what falls where it is restored makes the scale diverge, the same for all sites", () => {
    expect(scaleOf(example("trace", "noise")).signed).toBe(true);
    expect(scaleOf({ shares: [[[0.2, -0.004, null]], [[0.5, 0, 1.25]]] })).toEqual({ extent: 1.25, signed: false });
    expect(scaleOf({ shares: [[[null, 0]]] })).toEqual({ extent: 1, signed: false });
  });

  test("a site that is chosen is drawn, and the detail line says its numbers", () => {
    const payload = example("trace", "heathrow");
    const { all, one } = draw(payload);
    const [block, , ffn] = all("[role=radio]");
    const cells = all("[role=gridcell]");
    const shown = (site) => payload.shares[site].flat().map((s) => (Math.round(100 * s) ? `${Math.round(100 * s)}%` : ""));
    hover(cells.at(-1));
    ffn.click();
    expect(ffn.getAttribute("aria-checked")).toBe("true");
    expect(cells.map((item) => item.textContent)).toEqual(shown(2));
    expect(one(".detail").textContent).toContain(`FFN, layer ${payload.layers.at(-1)}`);
    const share = payload.shares[2].at(-1).at(-1);
    const restored = payload.corrupted + share * (payload.clean - payload.corrupted);
    expect(one(".detail").textContent).toContain(`probability ${Number((100 * restored).toPrecision(3))}%`);
    block.click();
    expect(cells.map((item) => item.textContent)).toEqual(shown(0));
  });

  test("a target stands apart from its source", () => {
    const payload = example("trace", "two sides");
    const { all } = draw(payload);
    expect(all("thead .begins")).toHaveLength(1);
    expect(all("thead th").findIndex((name) => name.classList.contains("begins"))).toBe(payload.n_source);
  });

  test("without a share nothing is coloured", () => {
    const { all, one } = draw(example("trace", "no share"));
    expect(all("[role=gridcell]").every((item) => item.textContent === "" && item.style.backgroundColor === "")).toBe(true);
    hover(all("[role=gridcell]")[0]);
    expect(one(".detail").textContent).toContain("no share");
  });
});
