import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { views } from "../src/index.js";
import { files, read, runtime } from "./helpers.js";

const SCRIPTS = ["core", "bootstrap", ...Object.keys(views)].map((name) => `${name}.js`);

test("the bundle holds a script for every view, and no other", () => {
  expect(files("ecco/render/bundle").sort()).toEqual([...SCRIPTS, "LICENSES.txt"].sort());
});

describe.each(SCRIPTS)("%s", (name) => {
  const text = read(`ecco/render/bundle/${name}`);

  test("it is pure ASCII", () => expect(text).toMatch(/^[\n\t -~]*$/));

  test("it can stand in a script element", () => {
    expect(text).not.toMatch(/<\/script/i);
    expect(text).not.toContain("<!--");
  });

  test("it names no address", () => {
    const addresses = (text.match(/https?:\/\/[^"'` )]*/g) ?? []).filter(
      (address) => !/^http:\/\/www\.w3\.org\//.test(address),
    );
    expect(addresses).toEqual([]);
  });

  test("it makes no markup and runs no text", () => {
    expect(text).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:|\.html\(/,
    );
    expect(text).not.toMatch(/\bfetch\(|XMLHttpRequest|\bimport\(|importScripts|WebSocket|sendBeacon/);
  });
});

test.each(Object.keys(views))("a figure of %s carries a small runtime", (name) => {
  expect(runtime([name]).length).toBeLessThanOrEqual(75_000);
  expect(gzipSync(runtime([name]), { level: 9 }).length).toBeLessThanOrEqual(26_000);
});

test("the small script is small", () => {
  expect(read("ecco/render/bundle/bootstrap.js").length).toBeLessThanOrEqual(1_000);
});

test("the lock file names no host", () => {
  expect(read("js/package-lock.json")).not.toContain('"resolved"');
});

test("no source makes markup from text or runs text", () => {
  const sources = files("js/src").filter((file) => file.endsWith(".js"));
  expect(sources.length).toBeGreaterThan(10);
  for (const file of sources) {
    expect(read(`js/src/${file}`), file).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:|\.html\(|DOMParser|createContextualFragment/,
    );
  }
});
