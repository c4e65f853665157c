import { isMap, isScalar, parseDocument, type YAMLMap } from "yaml";
import {
  type Entry,
  type Format,
  type Insertion,
  indentBefore,
  isTable,
  lineEnd,
  lineStart,
  notATable,
  type Range,
} from "./edits.ts";

/** YAML 1.2, a table in a table: all that the files of agents want. */
export const yaml: Format = {
  read: (text) => parsed(text).toJS() ?? undefined,
  insert: (text, [table = "", name = ""], value) => {
    const { contents } = parsed(text);
    const newLine = lineEnd(text);
    const found = contents === null ? undefined : pairOf(tableOf(contents, []), table);
    if (!found) {
      const gap = text === "" || text.endsWith("\n") ? "" : newLine;
      const lines = [`${keyOf(table)}:`, ...linesOf(name, value, "  ")];
      return [{ at: text.length, text: gap + lines.map((line) => line + newLine).join("") }];
    }
    if (isScalar(found.value) && found.value.value === null) {
      const colon = text.indexOf(":", startOf(found.key) + 1) + 1;
      return [
        {
          at: colon,
          text: linesOf(name, value, "  ")
            .map((line) => newLine + line)
            .join(""),
        },
      ];
    }
    return within(text, tableOf(found.value, [table]), name, value);
  },
  remove: (text, [table = "", name = ""]) => {
    const { contents } = parsed(text);
    const found = contents === null ? undefined : pairOf(tableOf(contents, []), table);
    const items = found && isMap(found.value) && found.value.flow !== true ? found.value : undefined;
    const ours = items && pairOf(items, name);
    return ours ? [wholeLines(text, startOf(ours.key), endOf(ours.value))] : [];
  },
};

function parsed(text: string) {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new SyntaxError(`it is not valid YAML: ${error.message.split("\n")[0]}`);
  return document;
}

function tableOf(node: unknown, path: readonly string[]): YAMLMap {
  if (!isMap(node)) throw notATable(path);
  return node;
}

function pairOf({ items }: YAMLMap, name: string) {
  return items.find(({ key }) => isScalar(key) && key.value === name);
}

const rangeOf = (node: unknown) => (node as { readonly range?: readonly number[] } | null)?.range ?? [];
const startOf = (node: unknown) => rangeOf(node)[0] ?? 0;
const endOf = (node: unknown) => rangeOf(node)[1] ?? 0;

/** The first of its names: what stands above it is about the whole. */
function within(text: string, map: YAMLMap, name: string, value: Entry): readonly Insertion[] {
  if (map.flow) {
    const more = map.items.length > 0 ? ", " : "";
    return [{ at: startOf(map) + 1, text: `${JSON.stringify(name)}: ${JSON.stringify(value)}${more}` }];
  }
  const first = startOf(map.items[0]?.key);
  const indent = indentBefore(text, first);
  if (indent === undefined) throw new SyntaxError("its first name is not at the beginning of a line");
  const newLine = lineEnd(text);
  return [
    {
      at: lineStart(text, first),
      text: linesOf(name, value, indent)
        .map((line) => line + newLine)
        .join(""),
    },
  ];
}

function wholeLines(text: string, from: number, to: number): Range {
  const end = text.indexOf("\n", to - 1);
  return [lineStart(text, from), end === -1 ? text.length : end + 1];
}

/** A name with its value, in block style; what is within a value is JSON, which YAML reads as well. */
function linesOf(name: string, value: Entry, indent: string): readonly string[] {
  const fields = Object.entries(value).flatMap(([key, one]) => {
    if (!isTable(one) || Object.keys(one).length === 0) return [`${keyOf(key)}: ${JSON.stringify(one)}`];
    return [
      `${keyOf(key)}:`,
      ...Object.entries(one).map(([inner, text]) => `  ${keyOf(inner)}: ${JSON.stringify(text)}`),
    ];
  });
  return [`${indent}${keyOf(name)}:`, ...fields.map((line) => `${indent}  ${line}`)];
}

/** A word that is nothing else in YAML stands as it is. */
function keyOf(key: string): string {
  return /^[a-z][\w-]+$/i.test(key) && !/^(?:true|false|null|yes|no|on|off)$/i.test(key) ? key : JSON.stringify(key);
}
