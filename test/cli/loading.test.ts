import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

/** Start-up is what a caller waits for: what a file loads before its first line runs, types and `import()` left out. */
const src = join(import.meta.dirname, "../../src");

function loadedBy(path: string): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, specifier = ""] of text.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^"';]*\sfrom\s+)?"([^"]+)"/gm)) {
      if (specifier.startsWith(".")) visit(join(dirname(file), specifier));
      else if (!builtinModules.includes(specifier.replace(/^node:/, ""))) packages.add(specifier);
    }
  };
  visit(join(src, path));
  return { files: [...files].map((file) => relative(src, file)), packages: [...packages] };
}

/** Rooms of the server, whatever they are called: what is neither the command line, the client library nor the messages of MCP. */
const isServer = (file: string) =>
  !/^(cli|client|mcp)\//.test(file) &&
  !/^(error-code|process\/(clock|config-error|limits|make-folder|own-path|private-memory|proxies|secret-variables|serve-settings|socket-path|variables|version)|api\/(time|walk)|messages\/walk\/languages|providers\/nearest)\./.test(
    file,
  );

test("the start loads what a warm agent needs, and nothing else", () => {
  const { files, packages } = loadedBy("cli/start.ts");
  assert.deepEqual(packages, []);
  assert.deepEqual(files.filter(isServer), []);
  assert.ok(files.length <= 15, files.join(", "));
});

test("a helper's call loads no package, commander least of all, and nothing of the server", () => {
  const protocols = readdirSync(join(src, "cli/helpers"));
  assert.ok(protocols.length >= 11);
  for (const path of ["cli/main.ts", ...protocols.map((name) => `cli/helpers/${name}`)]) {
    const { files, packages } = loadedBy(path);
    assert.deepEqual([...packages, ...files.filter(isServer)], [], path);
  }
});

/** The agent stays: what its sealed connections need is loaded once. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = { "agent.ts": ["@noble/ciphers/salsa.js"] };

test("a command loads nothing of the server, and no package but the screen's and the options', before it is run", () => {
  const names = readdirSync(join(src, "cli/commands"), { recursive: true, encoding: "utf8" });
  for (const name of names.filter((one) => one.endsWith(".ts"))) {
    const { files, packages } = loadedBy(`cli/commands/${name}`);
    assert.deepEqual(files.filter(isServer), [], name);
    assert.deepEqual(
      packages.filter((one) => one !== "commander" && one !== "uqr"),
      PACKAGES[name] ?? [],
      name,
    );
  }
});

test("a broker starts without what asks providers and other databases: that comes with its first use", () => {
  const { packages } = loadedBy("compose/compose.ts");
  assert.ok(packages.includes("fastify"));
  for (const name of ["undici", "pg", "minisearch", "marked"]) assert.ok(!packages.includes(name), name);
});
