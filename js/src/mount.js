/** Draws a host's payload in place of its static view. */
import { el } from "./parts/dom.js";
import { STYLES } from "./parts/styles.js";
import { themeOf, watchTheme } from "./parts/theme.js";

/** @typedef {import("./types.js").Theme} Theme */

/**
 * The views that the runtime holds, by the name in a payload; each adds itself.
 * @type {Record<string, (payload: any, context: import("./types.js").Context) => HTMLElement>}
 */
export const views = {};

/**
 * Draws the payload of a host; the static view stays if that fails.
 * @param {HTMLElement} host
 */
export async function mount(host) {
  try {
    const payload = JSON.parse(await inflate(host.dataset.ecco ?? ""));
    attach(host, payload);
  } catch (error) {
    console.warn("ecco: the static view stays,", error);
  }
}

/**
 * Draws a payload into the shadow root of a host.
 * @param {HTMLElement} host
 * @param {{view: string}} payload
 */
export function attach(host, payload) {
  const view = Object.hasOwn(views, payload.view) ? views[payload.view] : null;
  if (!view) throw new Error(`there is no view ${payload.view}`);
  /** @type {((theme: Theme) => void)[]} */
  const painters = [];
  /** @type {(() => void)[]} */
  const waiting = [];
  let theme = themeOf(host);
  const root = el("div", { class: "root", "data-theme": theme });
  root.append(
    view(payload, {
      onTheme(paint) {
        painters.push(paint);
        paint(theme);
      },
      onAttach: (ready) => waiting.push(ready),
    }),
  );
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  const shadow = host.attachShadow({ mode: "open" });
  shadow.append(el("style", {}, STYLES), root);
  for (const ready of waiting) ready();
  watchTheme(host, () => {
    const now = themeOf(host);
    if (now === theme) return;
    theme = now;
    root.dataset.theme = now;
    for (const paint of painters) paint(now);
  });
  reportHeight(host);
}

/**
 * The JSON in a host's attribute.
 * @param {string} packed base64 of gzip
 */
async function inflate(packed) {
  const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/**
 * Tells the page around an iframe how high this document is.
 * @param {HTMLElement} host
 */
function reportHeight(host) {
  if (window.parent === window || typeof ResizeObserver !== "function") return;
  new ResizeObserver(() => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    window.parent.postMessage({ ecco: 1, id: host.dataset.eccoId, height }, "*");
  }).observe(host);
}
