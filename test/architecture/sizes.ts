import { globSync } from "node:fs";
import { dirname, posix, relative } from "node:path";
import { at, ROOT, type Source } from "./sources.ts";

const MOST_LINES_OF_FILE = 250;
const MOST_LINES_OF_FUNCTION = 40;
const MEDIAN_LINES = 80;
const MOST_FILES_OF_FOLDER = 25;

/** Folders that have more, with the reason. */
const CROWDED: Readonly<Record<string, string>> = {};

const FUNCTIONS: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "StaticBlock",
]);

export function sizesOf(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => {
    const length = linesOf(source);
    const long =
      length > MOST_LINES_OF_FILE ? [`${source.path} has ${length} lines, at most ${MOST_LINES_OF_FILE}`] : [];
    return [...long, ...longFunctions(source)];
  });
}

/** Functions, methods, accessors and arrows alike, from their first line to their last. */
function longFunctions(source: Source): readonly string[] {
  return source.nodes.flatMap((node) => {
    if (!FUNCTIONS.has(node.type)) return [];
    const lines = source.text.slice(node.start, node.end).split("\n").length;
    const most = MOST_LINES_OF_FUNCTION;
    return lines > most ? [`${at(source, node)} a function of ${lines} lines, at most ${most}`] : [];
  });
}

/** Half of the files are shorter than this. */
export function medianOf(sources: readonly Source[]): readonly string[] {
  const sorted = sources.map(linesOf).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return median < MEDIAN_LINES ? [] : [`half of the files have ${median} lines or more, at most ${MEDIAN_LINES}`];
}

/** Folders with too many files, and exceptions that are none any more. */
export function crowdedFolders(files: readonly string[]): readonly string[] {
  const most = MOST_FILES_OF_FOLDER;
  const crowded = new Map(
    [...Map.groupBy(files, (file) => dirname(file))].filter(([, inside]) => inside.length > most),
  );
  const unknown = [...crowded].filter(([folder]) => !CROWDED[folder]);
  const gone = Object.keys(CROWDED).filter((folder) => !crowded.has(folder));
  return [
    ...unknown.map(([folder, inside]) => `${folder} has ${inside.length} files, at most ${most}`),
    ...gone.map((folder) => `${folder} is not crowded: its row can go`),
  ];
}

/** Whatever lies in these folders of the repository, from its root. */
export function filesUnder(...folders: readonly string[]): readonly string[] {
  const patterns = folders.map((folder) => `${folder}/**`);
  const entries = globSync(patterns, { cwd: ROOT, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => posix.join(relative(ROOT, parentPath).replaceAll("\\", "/"), name));
}

function linesOf({ text }: Source): number {
  return text.split("\n").length - 1;
}
