import { type AnyNode, parse, type ValueNode } from "@humanwhocodes/momoa";

/** Where something stands in a file; both count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong in a file, in one sentence. */
export interface Mistake extends Place {
  readonly text: string;
}

/** A value of JSON with its place. */
export type Placed = { readonly at: Place } & (
  | { readonly type: "object"; readonly members: readonly PlacedMember[] }
  | { readonly type: "array"; readonly elements: readonly Placed[] }
  | { readonly type: "value"; readonly value: string | number | boolean | null }
);

export interface PlacedMember {
  readonly key: string;
  readonly at: Place;
  readonly value: Placed;
}

/** Deeper than anything that may be said. */
const MOST_BRACKETS = 1_000;

/**
 * JSON (RFC 8259) in which comments and commas at the end of a list are welcome, as editors know it under the name of JSONC. A
 * key that stands twice is a mistake: of two readers one takes the first and one the last.
 */
export function parseDocument(text: string): { readonly root?: Placed; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const source = text.replace(/^\ufeff/, "");
  // The parser goes down by calls of itself.
  if ((source.match(/[[{]/g)?.length ?? 0) > MOST_BRACKETS) {
    return { mistakes: [{ line: 1, column: 1, text: `it has more than ${MOST_BRACKETS} lists and objects` }] };
  }
  try {
    const { body } = parse(source, { mode: "jsonc", allowTrailingCommas: true });
    return { root: placed(body, mistakes), mistakes };
  } catch (error) {
    return { mistakes: [syntaxMistake(error)] };
  }
}

function syntaxMistake(error: unknown): Mistake {
  const { line = 1, column = 1, message } = error as Error & Partial<Place>;
  const why = message.replace(/(?: found)?\.?(?: \(\d+:\d+\))?$/, "").replace(/^./, (first) => first.toLowerCase());
  return { line, column, text: `this is not JSON: ${why}` };
}

function placeOf({ loc }: AnyNode): Place {
  const { line, column } = loc.start;
  return { line, column };
}

function placed(node: ValueNode, mistakes: Mistake[]): Placed {
  const at = placeOf(node);
  if (node.type === "Object") return { at, type: "object", members: membersOf(node, mistakes) };
  if (node.type === "Array") {
    return { at, type: "array", elements: node.elements.map(({ value }) => placed(value, mistakes)) };
  }
  // There are no other values in JSON.
  if (node.type === "NaN" || node.type === "Infinity" || node.type === "Null")
    return { at, type: "value", value: null };
  return { at, type: "value", value: node.value };
}

function membersOf(node: Extract<ValueNode, { type: "Object" }>, mistakes: Mistake[]): readonly PlacedMember[] {
  const seen = new Set<string>();
  return node.members.map(({ name, value }) => {
    const key = name.type === "String" ? name.value : name.name;
    const at = placeOf(name);
    if (seen.has(key)) mistakes.push({ ...at, text: `"${key}" stands here twice` });
    seen.add(key);
    return { key, at, value: placed(value, mistakes) };
  });
}

/** What is written, without its places. */
export function plainValue(placed: Placed): unknown {
  if (placed.type === "value") return placed.value;
  if (placed.type === "array") return placed.elements.map(plainValue);
  return Object.fromEntries(placed.members.map(({ key, value }) => [key, plainValue(value)]));
}
