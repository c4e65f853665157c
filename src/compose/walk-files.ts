import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import type { WalkFiles } from "../http/app-types.ts";

const ENTRIES = { walk: "web/main.ts", start: "web/start.ts", docs: "web/docs.ts", face: "web/face.ts" };

/** Rooms whose code is meant for browsers; a wrong import must not send the broker's own code there. */
const ROOMS = /^(web|walk|messages|api|client|protocol|providers)\//;

/** `import … from "x"`, `export … from "x"`, `import "x"`: in code whose types are gone. */
const IMPORTS = /^(?:import|export)\s*(?:[\w\s,{}*$]*?from\s*)?"([^"]+)"/gm;

let made: WalkFiles | undefined;

/** The scripts of the pages: what their entries really import, and nothing else. Made once, when somebody asks. */
export function walkFiles(): WalkFiles {
  made ??= gather(join(import.meta.dirname, ".."));
  return made;
}

function gather(root: string): WalkFiles {
  const scripts = new Map<string, string>();
  const packages = new Map<string, string>();
  const visit = (path: string): void => {
    if (scripts.has(path)) return;
    if (!ROOMS.test(path)) throw new Error(`a page imports ${path}, which is not for browsers`);
    const script = withoutTypes(readFileSync(join(root, path), "utf8"));
    scripts.set(path, script);
    for (const [, specifier = ""] of script.matchAll(IMPORTS)) {
      if (specifier.startsWith(".")) visit(posix.join(dirname(path), specifier));
      else packages.set(specifier, `packages/${specifier}.js`);
    }
  };
  for (const entry of Object.values(ENTRIES)) visit(entry);
  // Each of them is one file without imports of its own.
  for (const [name, path] of packages)
    scripts.set(path, readFileSync(fileURLToPath(import.meta.resolve(name)), "utf8"));
  return { entries: ENTRIES, scripts, packages };
}

/** In a clone alone: the package has the scripts made. Node 24 warns that this function may change; nobody who reads it here can act. */
function withoutTypes(script: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(script);
  } finally {
    process.emitWarning = emitWarning;
  }
}
