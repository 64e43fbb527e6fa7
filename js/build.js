/** Builds ecco/render/bundle: the runtime, the small script and the licences. The same source gives the same bytes. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const OUT = new URL("../ecco/render/bundle/", import.meta.url);
const MOST = { "ecco.js": { plain: 75_000, gzip: 26_000 }, "bootstrap.js": { plain: 1_000, gzip: 1_000 } };
const LICENCE = /^(licen[cs]e|copying|notice)/i;

await mkdir(OUT, { recursive: true });
const packages = new Set();
for (const [name, entry] of [
  ["ecco.js", "src/index.js"],
  ["bootstrap.js", "src/bootstrap.js"],
]) {
  const { text, inputs } = await bundle(entry);
  for (const input of inputs) packages.add(packageOf(input));
  await writeFile(new URL(name, OUT), text);
  const size = { plain: text.length, gzip: gzipSync(text, { level: 9 }).length };
  console.log(`${name}: ${size.plain} bytes, ${size.gzip} with gzip`);
  for (const [form, most] of Object.entries(MOST[name])) {
    if (size[form] > most) throw new Error(`${name} has ${size[form]} bytes (${form}), more than ${most}`);
  }
}
await writeFile(new URL("LICENSES.txt", OUT), await licences([...packages].filter(Boolean).sort()));

/** @param {string} entry */
async function bundle(entry) {
  const result = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    charset: "ascii",
    legalComments: "none",
    write: false,
    metafile: true,
  });
  return { text: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs) };
}

/** @param {string} path of a bundled file */
function packageOf(path) {
  return path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
}

/** @param {string[]} names of the bundled packages */
async function licences(names) {
  const texts = await Promise.all(names.map(licence));
  return texts.join("\n") || "ecco.js and bootstrap.js hold no code of other projects.\n";
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
