import { type AnyNode, evaluate, type ObjectNode, parse, type Token } from "@humanwhocodes/momoa";
import {
  type Entry,
  type Format,
  type Insertion,
  indentBefore,
  lineEnd,
  lineStart,
  notATable,
  type Range,
} from "./edits.ts";

/** JSON with comments and commas at the end of a list, as editors have it. */
export const json: Format = {
  read: (text) => (isEmpty(text) ? undefined : evaluate(parsed(text).body as AnyNode)),
  insert: (text, path, value) => {
    if (isEmpty(text)) return [{ at: text.length, text: `${JSON.stringify(nested(path, value), null, 2)}\n` }];
    const { body, tokens } = parsed(text);
    const { object, left } = deepest(body, path);
    const [key = "", ...deeper] = left;
    const root = objectOf(body, []);
    return place({ text, tokens, unit: unitOf(text, root) }, object, key, nested(deeper, value));
  },
  remove: (text, path) => {
    if (isEmpty(text)) return [];
    const { body, tokens } = parsed(text);
    const { object, left } = deepest(body, path.slice(0, -1));
    const member = left.length === 0 ? memberOf(object, path.at(-1)) : undefined;
    return member ? rangesOf(text, tokens, member) : [];
  },
};

interface Place {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** One step of its indentation. */
  readonly unit: string;
}

const from = ({ loc }: AnyNode | Token) => loc.start.offset;
const to = ({ loc }: AnyNode | Token) => loc.end.offset;

const isEmpty = (text: string) => text.replace(/^\ufeff/, "").trim() === "";

function parsed(text: string) {
  try {
    // A byte order mark is a character that moves no offset.
    const { body, tokens = [] } = parse(text.replace(/^\ufeff/, " "), {
      mode: "jsonc",
      tokens: true,
      allowTrailingCommas: true,
    });
    return { body, tokens };
  } catch (error) {
    throw new SyntaxError(`it is not valid JSON: ${(error as Error).message}`);
  }
}

function objectOf(node: AnyNode, path: readonly string[]): ObjectNode {
  if (node.type !== "Object") throw notATable(path);
  return node;
}

function memberOf({ members }: ObjectNode, key: string | undefined) {
  // Where a key stands twice, programs take the last.
  return members.findLast(({ name }) => (name.type === "String" ? name.value : name.name) === key);
}

/** The last object on the way, and what of the path is not there. */
function deepest(body: AnyNode, path: readonly string[]) {
  let object = objectOf(body, []);
  for (const [index, key] of path.entries()) {
    const member = memberOf(object, key);
    if (!member) return { object, left: path.slice(index) };
    object = objectOf(member.value, path.slice(0, index + 1));
  }
  return { object, left: [] };
}

function unitOf(text: string, { members: [first] }: ObjectNode): string {
  return (first && indentBefore(text, from(first))) || "  ";
}

/** A new last member of an object, behind all that stands in it. */
function place({ text, tokens, unit }: Place, object: ObjectNode, key: string, value: unknown): readonly Insertion[] {
  const newLine = lineEnd(text);
  const last = object.members.at(-1);
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, from(object))))?.[0] ?? "";
  const inner = (last && indentBefore(text, from(last))) ?? outer + unit;
  const close = to(object) - 1;
  const before = tokens.findLast((token) => to(token) <= close);
  const at = before ? to(before) : close;
  const comma = last && tokens.some((token) => token.type === "Comma" && from(token) >= to(last) && to(token) <= close);
  const lines = JSON.stringify({ [key]: value }, null, unit)
    .split("\n")
    .slice(1, -1);
  const shown = lines.map((line) => `${newLine}${inner}${line.slice(unit.length)}`).join("");
  const end = text.slice(at, close).includes("\n") ? "" : newLine + outer;
  const member = { at, text: `${shown}${comma ? "," : ""}${end}` };
  return last && !comma ? [{ at: to(last), text: "," }, member] : [member];
}

/** A member with the comma that it needs no more, and its line. */
function rangesOf(text: string, tokens: readonly Token[], member: AnyNode): readonly Range[] {
  const isComment = ({ type }: Token) => type === "LineComment" || type === "BlockComment";
  const prior = tokens.findLast((token) => to(token) <= from(member));
  const next = tokens.find((token) => from(token) >= to(member) && !isComment(token));
  const isLast = /^,?[ \t\r]*\n/.test(text.slice(to(member)));
  // What follows in its line would become part of the comment before it.
  const start = prior && (isLast || prior.type !== "LineComment") ? to(prior) : from(member);
  if (next?.type === "Comma") {
    if (to(member) === from(next)) return [[start, to(next)]];
    return [
      [start, to(member)],
      [from(next), to(next)],
    ];
  }
  const comma = tokens.findLast((token) => to(token) <= from(member) && !isComment(token));
  const own: Range = [start, to(member)];
  return comma?.type === "Comma" ? [[from(comma), to(comma)], own] : [own];
}

function nested(path: readonly string[], value: Entry): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}
