/** Light or dark, as the page around a figure is. */
import { luminance } from "./color.js";

/** @typedef {import("../types.js").Theme} Theme */

// A figure that a notebook threw away is not kept alive by the page.
/** @type {Set<WeakRef<Element>>} */
const watchers = new Set();
/** @type {WeakMap<Element, () => void>} */
const callbacks = new WeakMap();
let watching = false;

/**
 * The theme of what a figure lies on: the first background behind it that can be seen, or what the reader prefers.
 * @param {Element} host
 * @returns {Theme}
 */
export function themeOf(host) {
  for (let node = up(host); node; node = up(node)) {
    const color = node instanceof Element ? backgroundOf(node) : null;
    if (color) return luminance(color) < 0.2 ? "dark" : "light";
  }
  return prefersDark()?.matches && canvasFollows() ? "dark" : "light";
}

/** A page of its own without a background is white unless it says that it can be dark; what is behind an iframe is unknown. */
function canvasFollows() {
  if (window.parent !== window) return true;
  const probe = document.createElement("div");
  probe.style.cssText = "display:none;background-color:Canvas";
  document.documentElement.append(probe);
  const color = backgroundOf(probe);
  probe.remove();
  return !color || luminance(color) < 0.2;
}

/**
 * Calls back when the page may have changed its theme, for as long as the host exists.
 * @param {Element} host
 * @param {() => void} changed
 */
export function watchTheme(host, changed) {
  if (!watching) watchPage();
  watching = true;
  callbacks.set(host, changed);
  watchers.add(new WeakRef(host));
}

function watchPage() {
  const observer = new MutationObserver(soon);
  for (const element of [document.documentElement, document.body]) {
    if (element) observer.observe(element, { attributes: true });
  }
  prefersDark()?.addEventListener?.("change", soon);
}

/** Now, and once style sheets and transitions of the page had their time. */
function soon() {
  tell();
  setTimeout(tell, 400);
}

function tell() {
  for (const watcher of watchers) {
    const host = watcher.deref();
    if (!host) watchers.delete(watcher);
    else if (host.isConnected) callbacks.get(host)?.();
  }
}

/** @param {Node} node */
function up(node) {
  return node instanceof ShadowRoot ? node.host : node.parentNode;
}

function prefersDark() {
  return typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;
}

/**
 * @param {Element} element
 * @returns {number[] | null} red, green, blue; null if one can see through
 */
function backgroundOf(element) {
  const parts = getComputedStyle(element).backgroundColor.match(
    /^rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[,/ ]+([\d.]+%?))?\)$/,
  );
  if (!parts || Number.parseFloat(parts[4] ?? "1") < 0.5) return null;
  return parts.slice(1, 4).map(Number);
}
