/** Builds ecco/render/bundle: the runtime in pieces, the small script and the licences. The same source gives the same bytes. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { views } from "./src/index.js";

const OUT = new URL("../ecco/render/bundle/", import.meta.url);
// The runtime of a figure is the core and its view.
const MOST = { runtime: { plain: 75_000, gzip: 26_000 }, bootstrap: { plain: 1_000, gzip: 1_000 } };
const LICENCE = /^(licen[cs]e|copying|notice)/i;

/** A view takes its parts from the core, which lies before it. */
const PARTS_OF_CORE = {
  name: "parts-of-core",
  setup(build) {
    build.onResolve({ filter: /\/parts\// }, ({ path }) => ({ path: basename(path), namespace: "core", sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: "core" }, async ({ path }) => {
      const names = Object.keys(await import(`./src/parts/${path}`));
      return { contents: `export const { ${names.join(", ")} } = ecco;` };
    });
  },
};

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT);
const packages = new Set();
const core = await bundle("core.js", { stdin: source(await coreLines()), globalName: "ecco" });
for (const [name, draw] of Object.entries(views)) {
  const lines = [`import { ${draw.name} } from "./src/views/${name}.js";`, `ecco.views.${name} = ${draw.name};`];
  check(name, core + (await bundle(`${name}.js`, { stdin: source(lines), plugins: [PARTS_OF_CORE] })), MOST.runtime);
}
check("bootstrap", await bundle("bootstrap.js", { entryPoints: ["src/bootstrap.js"] }), MOST.bootstrap);
await writeFile(new URL("LICENSES.txt", OUT), await licences([...packages].filter(Boolean).sort()));

/** What every runtime begins with: all parts, and `mount`, which it hands to the small script. */
async function coreLines() {
  const parts = (await readdir(new URL("src/parts/", import.meta.url))).sort();
  return [
    ...parts.map((part) => `export * from "./src/parts/${part}";`),
    'import { mount } from "./src/mount.js";',
    'export { views } from "./src/mount.js";',
    'dispatchEvent(new CustomEvent("ecco-runtime", { detail: mount }));',
  ];
}

/** @param {string[]} lines of a script that stands in no file */
function source(lines) {
  return { contents: lines.join("\n"), resolveDir: import.meta.dirname };
}

/**
 * Writes a file of the bundle and hands back its text.
 * @param {string} name
 * @param {import("esbuild").BuildOptions} options
 */
async function bundle(name, options) {
  const result = await build({
    absWorkingDir: import.meta.dirname,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    charset: "ascii",
    legalComments: "none",
    write: false,
    metafile: true,
    ...options,
  });
  for (const input of Object.keys(result.metafile.inputs)) packages.add(packageOf(input));
  const { text } = result.outputFiles[0];
  await writeFile(new URL(name, OUT), text);
  return text;
}

/**
 * Says how large a script is, and stops if it is too large.
 * @param {string} name
 * @param {string} text
 * @param {{plain: number, gzip: number}} most
 */
function check(name, text, most) {
  const size = { plain: text.length, gzip: gzipSync(text, { level: 9 }).length };
  console.log(`${name}: ${size.plain} bytes, ${size.gzip} with gzip`);
  for (const [form, limit] of Object.entries(most)) {
    if (size[form] > limit) throw new Error(`${name} has ${size[form]} bytes (${form}), more than ${limit}`);
  }
}

/** @param {string} path of a bundled file */
function packageOf(path) {
  return path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
}

/** @param {string[]} names of the bundled packages */
async function licences(names) {
  const texts = await Promise.all(names.map(licence));
  return texts.join("\n") || "These scripts hold no code of other projects.\n";
}
/** @param {string} name */
async function licence(name) {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const { version } = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
  const files = (await readdir(folder)).filter((file) => LICENCE.test(file)).sort();
  if (!files.length) throw new Error(`${name} has no licence file`);
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
  return `${name} ${version}\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}
