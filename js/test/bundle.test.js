import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { files, read } from "./helpers.js";

describe.each(["ecco.js", "bootstrap.js"])("%s", (name) => {
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

test("the bundle is small", () => {
  const text = read("ecco/render/bundle/ecco.js");
  expect(text.length).toBeLessThanOrEqual(75_000);
  expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(26_000);
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
