import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Comment, type Node, parseSync, visitorKeys } from "oxc-parser";

export const ROOT = join(import.meta.dirname, "../..");

/** A file as the checks see it: its tree, never its text. */
export interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Every node in the order of the text, the program first; each has its `parent`. */
  readonly nodes: readonly Node[];
  readonly comments: readonly Comment[];
}

/** Throws when the text is not TypeScript. */
export function parse(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text, { preserveParens: false });
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const nodes: Node[] = [];
  const visit = (node: Node): void => {
    nodes.push(node);
    for (const child of childrenOf(node)) {
      child.parent = node;
      visit(child);
    }
  };
  visit(program);
  return { path, text, nodes, comments };
}

function childrenOf(node: Node): readonly Node[] {
  const values = (visitorKeys[node.type] ?? []).flatMap((key) => Reflect.get(node, key));
  return values.filter((value) => typeof value?.type === "string");
}

/** Every TypeScript file under a folder of the repository, parsed, in order of its path. */
export function sourcesUnder(folder: string): readonly Source[] {
  return globSync(`${folder}/**/*.ts`, { cwd: ROOT })
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .map((path) => parse(path, readFileSync(join(ROOT, path), "utf8")));
}

/** `src/a.ts:12`, as editors open it. */
export function at({ path, text }: Source, { start }: { readonly start: number }): string {
  return `${path}:${text.slice(0, start).split("\n").length}`;
}
