/** What the tests share: the payloads of tests/payloads, drawn in a page. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { attach } from "../src/index.js";

const ROOT = join(import.meta.dirname, "..", "..");

/** A file of the repository as text. */
export function read(path) {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The files in a folder of the repository. */
export function files(path) {
  return readdirSync(join(ROOT, path), { recursive: true });
}

/** Every payload of tests/payloads, with its name. */
export const payloads = files("tests/payloads")
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) =>
    Object.entries(JSON.parse(read(`tests/payloads/${file}`))).map(([name, payload]) => ({
      name: `${file.replace(".json", "")}: ${name}`,
      payload,
    })),
  );

/** A payload by file and name, as a copy that may be changed. */
export function example(file, name) {
  return structuredClone(payloads.find((payload) => payload.name === `${file}: ${name}`).payload);
}

/** Draws a payload in the page; hands back its host and what one looks for in it. */
export function draw(payload) {
  const host = document.createElement("div");
  document.body.append(host);
  attach(host, payload);
  const root = host.shadowRoot.querySelector(".root");
  const all = (selector) => [...root.querySelectorAll(selector)];
  return { host, root, all, one: (selector) => root.querySelector(selector), items: all("[role=option], [role=gridcell]") };
}

/** The runtime that holds some views, joined from its pieces as `ecco/render/page.py` joins them. */
export function runtime(names) {
  return `(()=>{${["core", ...names].map((name) => read(`ecco/render/bundle/${name}.js`)).join("")}})()`;
}

/** The payload as the attribute of a host holds it. */
export function packed(payload) {
  return gzipSync(JSON.stringify(payload)).toString("base64");
}

/** The mouse comes over an element. */
export function hover(element) {
  element.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
}

/** The mouse leaves a figure. */
export function leave(element) {
  element.dispatchEvent(new PointerEvent("pointerleave"));
}

/** A key goes down where the focus is. */
export function press(drawn, key, more = {}) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  drawn.host.shadowRoot.activeElement.dispatchEvent(event);
  return event;
}

/** The background of a word or a cell as hex. */
export function background(element) {
  const color = element.style.backgroundColor;
  const parts = color.match(/\d+/g);
  if (color.startsWith("#") || !parts) return color;
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}
