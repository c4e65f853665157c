import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");

/** Small ones that every command would have to look up in node_modules; the broker's stay outside. */
const BUNDLED = ["commander", "uqr", "env-paths"];

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
  mkdirSync(folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const external = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)].filter(
    (name) => !BUNDLED.includes(name),
  );
  const plugins = [walkInside, packagePaths(manifest.version)];
  const common = {
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    external,
  } as const;
  const cli = { ...common, plugins, outdir: join(folder, "dist/cli") };
  await build({
    ...cli,
    entryPoints: [join(root, "src/cli/start.ts")],
    plugins: [leaveMain, ...plugins],
    minify: true,
  });
  await build({ ...cli, entryPoints: [join(root, "src/cli/main.ts")], splitting: true });
  await build({
    ...common,
    plugins,
    splitting: true,
    entryPoints: Object.values(ENTRIES).map((source) => join(root, source)),
    outbase: join(root, "src"),
    outdir: join(folder, "dist"),
  });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const types = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", join(folder, "dist/types")];
  execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), ...types]);
  for (const path of ["bin", "docs", "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"]) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(published(manifest), null, 2)}\n`);
}

/** The start is one file: each file that is opened costs a warm `token` about half a millisecond. */
const leaveMain: Plugin = {
  name: "main",
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: "./main.js", external: true })),
};

/** In a clone the walk's scripts are read from the sources; the package has none, so there they are one, inside the module. */
const walkInside: Plugin = {
  name: "walk",
  setup: ({ onLoad }) =>
    onLoad({ filter: /src\/compose\/walk-files\.ts$/ }, async () => {
      const entryPoints = [join(root, "src/web/main.ts")];
      const browser = { bundle: true, format: "esm", platform: "browser", target: "es2024", minify: true } as const;
      const { outputFiles } = await build({ ...browser, entryPoints, write: false });
      const script = JSON.stringify(outputFiles[0]?.text);
      const contents = `const scripts = new Map([["walk.js", ${script}]]);
export const walkFiles = () => ({ entry: "walk.js", scripts, packages: new Map() });`;
      return { contents, loader: "js" };
    }),
};

/** Bundles lie at other depths than their sources: the version is in them, and all of the command's are in dist/cli. */
const packagePaths = (version: string): Plugin => ({
  name: "paths",
  setup: ({ onLoad }) => {
    onLoad({ filter: /src\/process\/version\.ts$/ }, () => ({
      contents: `export const VERSION = ${JSON.stringify(version)};`,
    }));
    onLoad({ filter: /src\/cli\/frame\/bin-path\.ts$/ }, () => ({
      contents: `import { fileURLToPath } from "node:url";
export const BIN = fileURLToPath(new URL("../../bin/coatcheck.js", import.meta.url));`,
    }));
  },
});

interface Manifest extends Record<string, unknown> {
  readonly dependencies: Readonly<Record<string, string>>;
}

function published({ devDependencies, scripts, allowScripts, private: _private, ...manifest }: Manifest) {
  void [devDependencies, scripts, allowScripts];
  const kept = Object.entries(manifest.dependencies).filter(([name]) => !BUNDLED.includes(name));
  const exports = Object.entries(ENTRIES).map(([subpath, source]) => {
    const path = source.replace(/^src\//, "").replace(/\.ts$/, "");
    return [subpath, { types: `./dist/types/${path}.d.ts`, default: `./dist/${path}.js` }];
  });
  return { ...manifest, dependencies: Object.fromEntries(kept), exports: Object.fromEntries(exports) };
}

if (import.meta.main) await buildPackage(join(root, "dist/coatcheck"));
