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

// The core holds the parts that so many views use, and what these parts use; others come with the views that use them.
const MANY = 5;
const CORE = await coreParts();

/** A view takes the parts of the core from there, as it lies before it. */
const PARTS_OF_CORE = {
  name: "parts-of-core",
  setup(build) {
    build.onResolve({ filter: /^\.\.?\/(parts\/)?\w+\.js$/ }, ({ path, importer }) => {
      const part = path.includes("/parts/") || /[\\/]parts[\\/]/.test(importer);
      return part && CORE.has(basename(path)) ? { path: basename(path), namespace: "core", sideEffects: false } : null;
    });
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

/** The files in `src/parts` that are the core's. */
async function coreParts() {
  const [viewsOf, partsOf] = [new Map(), new Map()];
  for (const folder of ["views", "parts"]) {
    for (const file of await readdir(new URL(`src/${folder}/`, import.meta.url))) {
      const text = await readFile(new URL(`src/${folder}/${file}`, import.meta.url), "utf8");
      const used = [...text.matchAll(/from "(?:\.\.\/parts|\.)\/(\w+\.js)"/g)].map(([, name]) => name);
      if (folder === "parts") partsOf.set(file, used);
      else for (const name of new Set(used)) viewsOf.set(name, (viewsOf.get(name) ?? 0) + 1);
    }
  }
  const core = new Set(["dom.js", "styles.js", "theme.js", ...[...viewsOf].filter(([, n]) => n >= MANY).map(([name]) => name)]);
  for (const name of core) for (const other of partsOf.get(name) ?? []) core.add(other);
  return core;
}

/** What every runtime begins with: its parts, and `mount`, which it hands to the small script. */
async function coreLines() {
  return [
    ...[...CORE].sort().map((part) => `export * from "./src/parts/${part}";`),
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
