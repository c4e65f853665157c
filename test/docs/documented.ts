import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A command as a document shows it. */
export interface Documented {
  /** Its words, without the variables in front, its comment, and line ends. */
  readonly words: readonly string[];
  /** Variables that stand in front. */
  readonly env: Readonly<Record<string, string>>;
  readonly line: string;
}

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}

/** What stands between fences, or behind four blanks. */
export function blocksOf(path: string): readonly Block[] {
  const text = readFileSync(join(import.meta.dirname, "../..", path), "utf8");
  const fenced = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", body = ""]) => ({
    language,
    lines: body.trimEnd().split("\n"),
  }));
  const indented = [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/(?:^ {4}\S.*\n(?: {4}.*\n)*)/gm)];
  return [...fenced, ...indented.map(([body]) => ({ language: "", lines: body.trimEnd().split("\n") }))];
}

/** Every command in the code blocks of a document, in their order. */
export function commandsOf(path: string): readonly Documented[] {
  const shown = blocksOf(path).filter(({ language }) => language === "" || language === "sh");
  return shown.filter(isCommands).flatMap(({ lines }) =>
    lines
      .join("\n")
      .replaceAll(/\\\n\s*/g, "")
      .split("\n")
      .map(parse),
  );
}

/** Not a unit file, or what a program prints. */
export function isCommands({ lines }: Block): boolean {
  return lines.every((line) => /^\s*([A-Z_]+=('[^']*'|\S*)\s+)*\\?(coatcheck|install|-|$)/.test(line));
}

function parse(text: string): Documented {
  const line = text.trim().replace(/\s+# .*$/, "");
  const words = (line.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ""));
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const env = Object.fromEntries(words.slice(0, first).map((word) => word.split(/=(.*)/s).slice(0, 2)));
  return { line, env, words: words.slice(first) };
}
