import { runInThisContext } from "node:vm";
import { gzipSync } from "node:zlib";
import axe from "axe-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { mount, views } from "../src/index.js";
import { themeOf } from "../src/parts/theme.js";
import { draw, example, packed, payloads, read, runtime } from "./helpers.js";

const RUNTIME = runtime(Object.keys(views));
const BOOTSTRAP = read("ecco/render/bundle/bootstrap.js");

afterEach(() => {
  document.body.replaceChildren();
  document.body.removeAttribute("style");
  document.documentElement.removeAttribute("style");
});

/** A host as Python writes it. */
function place(payload, { key = "__ecco_a", script = RUNTIME } = {}) {
  const host = document.createElement("div");
  host.setAttribute("data-ecco-id", "0");
  host.setAttribute("data-ecco-key", key);
  host.setAttribute("data-ecco", packed(payload));
  if (script) host.setAttribute("data-ecco-rt", gzipSync(script).toString("base64"));
  host.textContent = "static view";
  document.body.append(host);
  return host;
}

/** Runs the small script of a version, from nowhere in the page. */
function run(key = "__ecco_a") {
  runInThisContext(BOOTSTRAP.replaceAll("__ECCO_KEY__", key));
}

const drawn = (host) => Boolean(host.shadowRoot);
const soon = (check) => vi.waitFor(check, { timeout: 4000 });

describe("mounting", () => {
  test("a host is drawn in a shadow root, so that the static view is seen no more", async () => {
    const host = place(example("tokens", "plain"));
    await mount(host);
    expect(host.shadowRoot.querySelector("slot")).toBeNull();
    expect(host.shadowRoot.textContent).toContain("Croatia");
    expect(host.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
  });

  test.each([
    ["damaged data", "AAAA"],
    ["a view that does not exist", packed({ ...example("tokens", "plain"), view: "none" })],
    ["a payload that lacks something", packed({ ecco: 1, view: "rankings" })],
  ])("with %s the static view stays", async (_, data) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const host = place(example("tokens", "plain"));
    host.setAttribute("data-ecco", data);
    await mount(host);
    expect(drawn(host)).toBe(false);
    expect(host.textContent).toBe("static view");
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

describe("the small script", () => {
  test("it draws every host of a page, of which one carries the runtime", async () => {
    const hosts = payloads.map(({ payload }, index) => place(payload, { script: index ? null : RUNTIME }));
    run();
    await soon(() => expect(hosts.every(drawn)).toBe(true));
  });

  test("it draws the same output twice, each host once", async () => {
    const warn = vi.spyOn(console, "warn");
    const first = place(example("attribution", "minimal"));
    run();
    const second = place(example("attribution", "minimal"));
    run();
    run();
    await soon(() => expect(drawn(first) && drawn(second)).toBe(true));
    expect(first.shadowRoot.querySelectorAll(".root")).toHaveLength(1);
    expect(second.shadowRoot.querySelectorAll(".root")).toHaveLength(1);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test("a later output needs no runtime of its own", async () => {
    run();
    const host = place(example("predictions", "heathrow"), { script: null });
    run();
    await soon(() => expect(drawn(host)).toBe(true));
  });

  test("each version draws its own hosts", async () => {
    const [old, young] = [
      place(example("tokens", "plain"), { key: "__ecco_b" }),
      place(example("tokens", "plain"), { key: "__ecco_c" }),
    ];
    run("__ecco_c");
    await soon(() => expect(drawn(young)).toBe(true));
    expect(drawn(old)).toBe(false);
    run("__ecco_b");
    await soon(() => expect(drawn(old)).toBe(true));
  });

  test("a damaged runtime leaves the static view, and the next output is drawn", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const broken = place(example("tokens", "plain"), { key: "__ecco_d", script: null });
    broken.setAttribute("data-ecco-rt", "AAAA");
    run("__ecco_d");
    await soon(() => expect(warn).toHaveBeenCalled());
    expect(drawn(broken)).toBe(false);
    broken.remove();
    const whole = place(example("tokens", "plain"), { key: "__ecco_d" });
    run("__ecco_d");
    await soon(() => expect(drawn(whole)).toBe(true));
    warn.mockRestore();
  });

  test("it leaves one name in the page, that of its version", () => {
    expect(Object.keys(window).filter((name) => /ecco/i.test(name) && !name.startsWith("__ecco_"))).toEqual([]);
  });
});

describe("the theme", () => {
  test.each([
    ["rgb(255, 255, 255)", "light"],
    ["rgb(253, 246, 227)", "light"],
    ["rgb(17, 17, 17)", "dark"],
    ["rgba(30, 30, 46, 0.9)", "dark"],
  ])("on a page of colour %s it is %s", (color, theme) => {
    document.body.style.backgroundColor = color;
    expect(draw(example("tokens", "plain")).root.dataset.theme).toBe(theme);
  });

  test("it looks through what is transparent and out of shadow roots", () => {
    const outer = document.createElement("div");
    outer.style.backgroundColor = "rgb(16, 16, 16)";
    const inner = document.createElement("div");
    inner.style.backgroundColor = "rgba(255, 255, 255, 0)";
    const host = document.createElement("div");
    document.body.style.backgroundColor = "rgb(255, 255, 255)";
    document.body.append(outer);
    outer.attachShadow({ mode: "open" }).append(inner);
    inner.append(host);
    expect(themeOf(host)).toBe("dark");
  });

  test("it follows the page", async () => {
    document.body.style.backgroundColor = "rgb(255, 255, 255)";
    const { root, one } = draw(example("attribution", "minimal"));
    const before = one(".w[style*=background]").style.backgroundColor;
    document.body.style.backgroundColor = "rgb(17, 17, 17)";
    await soon(() => expect(root.dataset.theme).toBe("dark"));
    expect(one(".w[style*=background]").style.backgroundColor).not.toBe(before);
  });
});

test.each(payloads)("$name has nothing that shuts people out", async ({ payload }) => {
  const { root } = draw(payload);
  const copy = document.createElement("main");
  copy.append(root);
  document.body.append(copy);
  const rules = { "color-contrast": { enabled: false }, "scrollable-region-focusable": { enabled: false } };
  const { violations } = await axe.run(copy, { rules });
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id)).toEqual([]);
});
