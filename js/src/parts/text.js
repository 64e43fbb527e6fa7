/** How the text of a token is shown: what cannot be seen gets a quiet mark, and copied text is still the true text. */
import { el } from "./dom.js";

/** @typedef {import("../types.js").Token} Token */

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
/** @type {Record<string, string>} */
const NAMES = { "\n": "newline", "\t": "tab", "\r": "carriage return" };
const JOINERS = "\u200c\u200d";

/**
 * The mark for a character that cannot be seen, or null.
 * @param {string} char
 */
export function markOf(char) {
  if (char === "\n") return "\u21b5";
  if (char === "\t") return "\u2192";
  if ("\u2028\u2029\x85".includes(char)) return "\u2424";
  if (char < " ") return String.fromCharCode(0x2400 + char.charCodeAt(0));
  if (char === "\x7f") return "\u2421";
  return UNSEEN.test(char) && !JOINERS.includes(char) ? "\ufffd" : null;
}

/**
 * Text with its invisible characters made visible.
 * @param {string} text
 */
export function visible(text) {
  return Array.from(text, (char) => markOf(char) ?? char).join("");
}

/**
 * A token as a short name: without the spaces around it.
 * @param {{text: string} | null} token
 */
export function nameOf(token) {
  return token ? visible(token.text.replace(/^ +| +$/g, "")) || "\u00b7" : "";
}

/**
 * A token between quotation marks, for a sentence.
 * @param {string} text
 * @param {number} [most] characters
 */
export function quoted(text, most = 120) {
  const shown = Array.from(visible(text) || "\u00b7");
  const cut = shown.length > most ? `${shown.slice(0, most).join("")}\u2026` : shown.join("");
  return el("span", { class: "quote" }, "\u201c", el("bdi", {}, cut), "\u201d");
}

/**
 * Which way a text runs: as its first letter does. (`dir=auto` would ask again whenever a number changes.)
 * @param {Token[]} tokens
 */
export function directionOf(tokens) {
  const letter = tokens.map(({ text }) => text.match(/\p{L}/u)?.[0]).find(Boolean);
  return letter && RIGHT_TO_LEFT.test(letter) ? "rtl" : "ltr";
}

/**
 * A token as text: first the white space before it, which takes no colour, then its words, one for each line.
 * @param {Token} token
 * @param {{breaks: boolean}} options whether a newline really breaks the line
 * @returns {{nodes: Node[], words: HTMLElement[]}} what to append, and what to colour
 */
export function written(token, { breaks }) {
  if (token.part || token.text === "") {
    const name = token.part ? "piece of a character" : "no text";
    const word = el("span", { class: "w" }, mark("", "\u25e6", name));
    return { nodes: [word], words: [word] };
  }
  const body = token.text.replace(/^ +/, "");
  const lead = token.text.slice(0, token.text.length - body.length);
  if (body === "") {
    const word = el("span", { class: "w" }, ...Array.from(lead, (space) => mark(space, "\u00b7", "space")));
    return { nodes: [word], words: [word] };
  }
  /** @type {Node[]} */
  const nodes = lead ? [document.createTextNode(lead)] : [];
  const words = [];
  for (const line of body.match(/[^\n]*\n|[^\n]+/g) ?? []) {
    const word = el("span", { class: "w" }, ...pieces(line, breaks));
    words.push(word);
    nodes.push(word);
    if (breaks && line.endsWith("\n")) nodes.push(document.createTextNode("\n"));
  }
  return { nodes, words };
}

/**
 * Seen characters as text, others as marks that hold them.
 * @param {string} line
 * @param {boolean} breaks
 */
function pieces(line, breaks) {
  /** @type {(string | Node)[]} */
  const parts = [];
  let text = "";
  for (const char of line) {
    const sign = markOf(char);
    if (sign === null) {
      text += char;
      continue;
    }
    if (text) parts.push(text);
    text = "";
    parts.push(mark(char === "\n" && breaks ? "" : char, sign, NAMES[char] ?? "control character"));
  }
  return text ? [...parts, text] : parts;
}

/**
 * A mark: the style sheet draws the sign, the element holds the character, and its name is read out.
 * @param {string} char
 * @param {string} sign
 * @param {string} name
 */
function mark(char, sign, name) {
  return el("span", { class: "m", role: "img", "data-sign": sign, "aria-label": name }, char);
}
