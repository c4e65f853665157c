import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build, type Metafile, type Plugin } from "esbuild";
import { type Lock, type Manifest, publishedManifest, shrinkwrapOf } from "../packaging/manifest.ts";
import { builtIns, SELDOM, whenUsed } from "./build-when-used.ts";

const root = join(import.meta.dirname, "..");

/** What packages use if it is there; it is not. */
const OUTSIDE = ["pg-native", "supports-color"];

/** What libraries have inside too: no program shares its types with us, and its files are as many megabytes as all the others'. */
const ALONE = /^@opentelemetry\//;

/**
 * Packages that are CommonJS ask for Node's own modules by `require`, and for nothing else that is there. Node's own function of
 * that name would be made for each of the files, from its path.
 */
const REQUIRE = `const require = (name) => {
  const found = process.getBuiltinModule(name);
  if (!found) throw Object.assign(new Error("there is no module " + name), { code: "MODULE_NOT_FOUND" });
  return found;
};`;

/** Subpath of the package → its source. */
const ENTRIES: Readonly<Record<string, string>> = {
  ".": "src/index.ts",
  "./client": "src/client/index.ts",
  "./protocol": "src/protocol/index.ts",
  "./providers": "src/providers/index.ts",
};

/** Makes the package as it is published: JavaScript and declarations, no TypeScript to strip. */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const manifest = projectFile<Manifest>("package.json");
  writeFileSync(join(folder, "THIRD-PARTY.txt"), noticesOf(await buildCommand(folder)));
  const imports = await buildLibraries(folder);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const types = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", join(folder, "dist/types")];
  execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), ...types]);
  for (const path of DOCUMENTS) cpSync(join(root, path), join(folder, path), { recursive: true });
  const { manPage } = await import("../packaging/man.ts");
  mkdirSync(join(folder, "man"));
  writeFileSync(join(folder, "man/coatcheck.1"), await manPage());
  const published = publishedManifest({ ...manifest, ...contents(folder) }, imports);
  writeJson(join(folder, "package.json"), published);
  writeJson(join(folder, "npm-shrinkwrap.json"), shrinkwrapOf(published, projectFile<Lock>("package-lock.json")));
}

/** What programs import, without its types. Answers what they import of other packages. */
export async function buildLibraries(folder: string): Promise<readonly string[]> {
  const manifest = projectFile<Manifest>("package.json");
  const all = common(manifest);
  const { metafile } = await build({
    ...all,
    // What is CommonJS asks by `require`, which a module has not.
    plugins: [builtIns("require-call", /^/), ...all.plugins],
    external: Object.keys(manifest.dependencies).filter((name) => !ALONE.test(name)),
    mainFields: ["module", "main"],
    metafile: true,
    splitting: true,
    entryPoints: Object.values(ENTRIES).map((source) => join(root, source)),
    outbase: join(root, "src"),
    outdir: join(folder, "dist"),
  });
  return importsOf(metafile);
}

const DOCUMENTS = ["docs", "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"];

/** What the package consists of, and where its libraries are. */
function contents(folder: string) {
  const exports = Object.entries(ENTRIES).map(([subpath, source]) => {
    const path = source.replace(/^src\//, "").replace(/\.ts$/, "");
    return [subpath, { types: `./dist/types/${path}.d.ts`, default: `./dist/${path}.js` }];
  });
  const files = readdirSync(folder).filter((name) => name !== "package.json");
  return { files: [...files, "npm-shrinkwrap.json"], man: "man/coatcheck.1", exports: Object.fromEntries(exports) };
}

/**
 * The command alone, with every package that it needs inside: to look for their files costs a start of the broker half its
 * processor time. Answers whose code is in it: paths of packages.
 */
export async function buildCommand(folder: string, { executable = false } = {}): Promise<ReadonlySet<string>> {
  const all = common(projectFile("package.json"), executable);
  const cli = {
    ...all,
    plugins: [builtIns("import-statement", /^node:/), builtIns("require-call", SELDOM), whenUsed, ...all.plugins],
    external: OUTSIDE,
    outdir: join(folder, "dist/cli"),
  };
  const alone = { ...cli, minify: true };
  await build({ ...alone, entryPoints: [join(root, "src/cli/start.ts")], plugins: [leaveMain, ...cli.plugins] });
  const later = new Map<string, string>();
  const bridge = { "run-bridge": join(root, "src/cli/bridge/run-bridge.ts") };
  await build({ ...alone, entryPoints: bridge, plugins: [leaveLater(later), ...cli.plugins] });
  const entryPoints = { main: join(root, "src/cli/main.ts"), ...Object.fromEntries(later) };
  // Not its syntax too: that takes away names of classes, by which the demo server's provider finds how long what it issues lives.
  const main = { entryPoints, splitting: true, minifyWhitespace: true, banner: { js: REQUIRE } };
  const { metafile } = await build({ ...cli, ...main, metafile: true, absWorkingDir: root });
  const outside = importsOf(metafile).filter((path) => !isBuiltin(path) && !OUTSIDE.includes(path));
  if (outside.length > 0) throw new Error(`the command would need packages at run time: ${outside.join(", ")}`);
  cpSync(join(root, "bin"), join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return new Set(Object.keys(metafile.inputs).flatMap((path) => PACKAGE.exec(path)?.[0] ?? []));
}

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Their licences want to be where their code is. */
export function noticesOf(packages: ReadonlySet<string>): string {
  const notices = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
    const [file] = globSync("{LICENSE,LICENCE,License,license}*", { cwd: join(root, path) });
    const text = file === undefined ? `License: ${license}` : readFileSync(join(root, path, file), "utf8").trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  return notices.join(`\n${"-".repeat(80)}\n\n`);
}

/** One of the clone's own files. */
export const projectFile = <Value>(path: string): Value => JSON.parse(readFileSync(join(root, path), "utf8"));

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** What bundles leave to be found when they run. */
const importsOf = ({ outputs }: Metafile): readonly string[] =>
  Object.values(outputs).flatMap(({ imports }) => imports.flatMap(({ path, external }) => (external ? [path] : [])));

function common({ version }: Manifest, executable = false) {
  const plugins = [walkInside, docsInside, packagePaths(version, executable ? INSIDE : BESIDE)];
  return { bundle: true, format: "esm", platform: "node", target: "node24", plugins } as const;
}

/** The start is one file, and so is the bridge: each file that is opened costs a warm `token` about half a millisecond. */
const leaveMain: Plugin = {
  name: "main",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/(main|run-bridge)\.ts$/ }, ({ path }) => ({ path: `./${nameOf(path)}.js`, external: true })),
};

/** What a bridge imports when it is needed are files of the rest; `found`: their names, and sources. */
const leaveLater = (found: Map<string, string>): Plugin => ({
  name: "later",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      found.set(nameOf(path), join(resolveDir, path));
      return { path: `./${nameOf(path)}.js`, external: true };
    }),
});

const nameOf = (path: string) => basename(path, ".ts");

/** In a clone the pages' scripts are read from the sources; the package has none, so there each page has one, inside the module. */
const walkInside: Plugin = {
  name: "walk",
  setup: ({ onLoad }) =>
    onLoad({ filter: /src\/compose\/walk-files\.ts$/ }, async () => {
      const entryPoints = {
        walk: join(root, "src/web/main.ts"),
        start: join(root, "src/web/start.ts"),
        docs: join(root, "src/web/docs.ts"),
        face: join(root, "src/web/face.ts"),
      };
      const browser = { bundle: true, format: "esm", platform: "browser", target: "es2024", minify: true } as const;
      const { outputFiles } = await build({ ...browser, entryPoints, outdir: root, write: false });
      const scripts = outputFiles.map(({ path, text }) => [basename(path), text]);
      const contents = `const scripts = new Map(${JSON.stringify(scripts)});
const entries = { walk: "walk.js", start: "start.js", docs: "docs.js", face: "face.js" };
export const walkFiles = () => ({ entries, scripts, packages: new Map() });`;
      return { contents, loader: "js" };
    }),
};

/** The documentation likewise: rendered, and packed, since it is a hundred times as long as what most processes need of it. */
const docsInside: Plugin = {
  name: "docs",
  setup: ({ onLoad }) =>
    onLoad({ filter: /src\/compose\/docs-files\.ts$/ }, async () => {
      const { docsContent } = await import("../src/compose/docs-files.ts");
      const packed = brotliCompressSync(JSON.stringify(docsContent())).toString("base64");
      const contents = `import { brotliDecompressSync } from "node:zlib";
let made;
export const docsContent = () => (made ??= JSON.parse(String(brotliDecompressSync(Buffer.from(${JSON.stringify(packed)}, "base64")))));`;
      return { contents, loader: "js" };
    }),
};

/** Where the program is, in the words of src/cli/frame/bin-path.ts: in the package, whose bundles are all in dist/cli. */
const BESIDE = `import { fileURLToPath } from "node:url";
export const BIN = fileURLToPath(new URL("../../bin/coatcheck.js", import.meta.url));
export const NODE_ARGUMENTS = ["--disable-sigusr1", "--disable-proto=delete", BIN];`;

/** In the executable, which is Node and has these options inside. */
const INSIDE = `export const BIN = process.execPath;
export const NODE_ARGUMENTS = [];`;

/** Bundles lie at other depths than their sources, and the version is in them. */
const packagePaths = (version: string, binPath: string): Plugin => ({
  name: "paths",
  setup: ({ onLoad }) => {
    onLoad({ filter: /src\/process\/version\.ts$/ }, () => ({
      contents: `export const VERSION = ${JSON.stringify(version)};`,
    }));
    onLoad({ filter: /src\/cli\/frame\/bin-path\.ts$/ }, () => ({ contents: binPath }));
  },
});

if (import.meta.main) await buildPackage(join(root, "dist/coatcheck"));
