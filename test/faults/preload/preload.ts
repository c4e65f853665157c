import { join } from "node:path";

/** The environment of a process into which one of the modules of this folder is loaded before it starts. */
export function preloaded(module: "synchronous-normal" | "shifted-clock"): Record<string, string> {
  return { NODE_OPTIONS: `--import=${join(import.meta.dirname, `${module}.ts`)}` };
}
