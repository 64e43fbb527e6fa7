/** Colours of both themes. `ecco/render/color.py` computes the same; both are tested against tests/colors.json. */
import palettes from "../../../ecco/render/palette.json" with { type: "json" };

/** @typedef {import("../types.js").Theme} Theme */

// Text on a cell has at least this contrast (WCAG 2.2, success criterion 1.4.3).
const CONTRAST = 4.5;

// How far a category's tint goes toward its hue, so that text keeps its own colour on it.
const TINT = 0.45;

/** What every element was filled with, as styles are slow to read. @type {WeakMap<HTMLElement, string>} */
const filled = new WeakMap();

/**
 * The named colours of a theme.
 * @param {Theme} theme
 */
export function palette(theme) {
  return palettes[theme];
}

/**
 * 0..1 as a colour: one hue of monotone luminance.
 * @param {number} value
 * @param {Theme} theme
 */
export function magnitude(value, theme) {
  const stops = palettes[theme].magnitude.map(rgb);
  const at = Math.min(Math.max(value, 0), 1) * (stops.length - 1);
  const start = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[start], stops[start + 1], at - start);
}

/**
 * -1..1 as a colour: from the page's colour to the accent (toward) or to orange (away).
 * @param {number} value
 * @param {Theme} theme
 */
export function diverging(value, theme) {
  const { paper, accent, away } = palettes[theme];
  return mix(rgb(paper), rgb(value >= 0 ? accent : away), Math.min(Math.abs(value), 1));
}

// Shades of a colour scale, from 0 to its end.
const SHADES = 255;

/**
 * A scale of which every colour was made before: 0..1 as `magnitude` has it, or with `signed` -1..1 as `diverging` has it.
 * @param {boolean} signed
 * @param {Theme} theme
 * @returns {(value: number) => string} what is beyond an end has its colour
 */
export function shades(signed, theme) {
  const scale = signed ? diverging : magnitude;
  const [toward, away] = [1, -1].map((sign) => Array.from({ length: SHADES + 1 }, (_, i) => scale((sign * i) / SHADES, theme)));
  return (value) => (value < 0 ? away : toward)[Math.min(SHADES, Math.round(SHADES * Math.abs(value)))];
}

/**
 * A category's number and -1..1 as a colour: toward its hue, negative values toward grey; ink can be read on all of them.
 * @param {number} number
 * @param {number} value
 * @param {Theme} theme
 */
export function category(number, value, theme) {
  const { paper, soft, category: hues } = palettes[theme];
  return mix(rgb(paper), rgb(value >= 0 ? hues[number % hues.length] : soft), TINT * Math.min(Math.abs(value), 1));
}

/**
 * A rank as 0..1 on a logarithmic scale, rank 1 as 1.
 * @param {number} rank
 * @param {number} vocabSize
 */
export function rankShade(rank, vocabSize) {
  return vocabSize > 1 ? 1 - Math.log(rank) / Math.log(vocabSize) : 1;
}

/**
 * A colour that can be read on this one: ink if it can be.
 * @param {string} background
 * @param {Theme} theme
 */
export function textOn(background, theme) {
  const { ink, paper } = palettes[theme];
  const choices = [ink, paper, "#000000", "#ffffff"];
  return choices.find((choice) => contrast(choice, background) >= CONTRAST) ?? "#000000";
}

/**
 * Background and text colour of an element; the page's own colour is no background.
 * @param {HTMLElement} element
 * @param {string | null} background
 * @param {Theme} theme
 */
export function fill(element, background, theme) {
  const plain = background === null || background === palettes[theme].paper;
  const wanted = plain ? "" : background;
  if (filled.get(element) === wanted + theme) return;
  filled.set(element, wanted + theme);
  element.style.backgroundColor = wanted;
  element.style.color = plain ? "" : textOn(background, theme);
}

/**
 * The contrast of two colours (WCAG 2.2).
 * @param {string} a
 * @param {string} b
 */
export function contrast(a, b) {
  const [dark, light] = [luminance(rgb(a)), luminance(rgb(b))].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/**
 * Relative luminance (WCAG 2.2).
 * @param {number[]} color red, green and blue in 0..255
 */
export function luminance(color) {
  const [red, green, blue] = color.map((v) => v / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {string} color */
function rgb(color) {
  return [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));
}

/**
 * @param {number[]} a
 * @param {number[]} b
 * @param {number} t
 */
function mix(a, b, t) {
  const parts = a.map((x, i) => Math.floor(x + (b[i] - x) * t + 0.5));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
