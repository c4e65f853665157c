import { PolicyProblem, problemAt, scan, type Word } from "./scan.ts";

/** A value of a document; `null` in JSON alone. */
export type Value = string | number | boolean | null | readonly Value[] | Block;

/** `{ … }`, its items in their order; the same key may be there more than once. */
export interface Block {
  readonly items: readonly Item[];
}

/** `KEY "LABEL" { … }` or `KEY = VALUE`. */
export interface Item {
  readonly key: string;
  readonly labels: readonly string[];
  readonly value: Value;
  readonly line: number;
}

/** Deeper is nothing that a policy says. */
const DEEPEST = 16;

/** A document in HCL, or in JSON where it begins with a brace, as Vault tells them apart. Throws `PolicyProblem`. */
export function parseDocument(text: string): Block {
  const json = text.trimStart().startsWith("{");
  if (json) requireJson(text);
  const parser = new Parser(scan(text), json);
  return json ? parser.json() : parser.items("end");
}

/** The grammar of JSON is the platform's; our own reading of it keeps what comes twice, which must not be lost. */
function requireJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new PolicyProblem("it begins with a brace, and is no valid JSON");
  }
}

class Parser {
  readonly #words: readonly Word[];
  readonly #json: boolean;
  #at = 0;
  #depth = 0;

  constructor(words: readonly Word[], json: boolean) {
    this.#words = words;
    this.#json = json;
  }

  json(): Block {
    const value = this.#value();
    this.#expectEnd();
    if (!isBlock(value)) throw new PolicyProblem("a policy in JSON is an object");
    return value;
  }

  /** Up to the mark that closes them, or the end. */
  items(closing: "}" | "end"): Block {
    const items: Item[] = [];
    for (;;) {
      const word = this.#next();
      const isClosed = closing === "end" ? word.kind === "end" : isMark(word, closing);
      if (isClosed) return { items };
      if (word.kind !== "name" && word.kind !== "string") throw unexpected(word, "a key");
      items.push(this.#item(word.text, word.line));
      if (isMark(this.#peek(), ",")) this.#at += 1;
    }
  }

  #item(key: string, line: number): Item {
    const labels: string[] = [];
    for (;;) {
      const word = this.#next();
      if (isMark(word, "{")) return { key, labels, line, value: this.#deeper(() => this.items("}")) };
      const assigns = isMark(word, this.#json ? ":" : "=");
      if (assigns && labels.length === 0) return { key, labels, line, value: this.#value() };
      if (this.#json || (word.kind !== "name" && word.kind !== "string")) throw unexpected(word, '"=" or "{"');
      labels.push(word.text);
    }
  }

  #value(): Value {
    const word = this.#next();
    if (word.kind === "string") return word.text;
    if (word.kind === "number") return word.value;
    if (isMark(word, "{")) return this.#deeper(() => this.items("}"));
    if (isMark(word, "[")) return this.#deeper(() => this.#list());
    if (word.kind === "name" && (word.text === "true" || word.text === "false")) return word.text === "true";
    if (this.#json && word.kind === "name" && word.text === "null") return null;
    throw unexpected(word, "a value");
  }

  #list(): readonly Value[] {
    const values: Value[] = [];
    for (;;) {
      if (isMark(this.#peek(), "]")) {
        this.#at += 1;
        return values;
      }
      values.push(this.#value());
      const word = this.#peek();
      if (isMark(word, ",")) this.#at += 1;
      else if (!isMark(word, "]")) throw unexpected(word, '"," or "]"');
    }
  }

  #deeper<T extends Value>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw problemAt(this.#peek().line, "it is nested too deeply");
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #expectEnd(): void {
    const word = this.#next();
    if (word.kind !== "end") throw unexpected(word, "the end");
  }

  #peek(): Word {
    return this.#words[this.#at] ?? { kind: "end", line: 0 };
  }

  #next(): Word {
    const word = this.#peek();
    this.#at += 1;
    return word;
  }
}

export function isBlock(value: Value): value is Block {
  return typeof value === "object" && value !== null && "items" in value;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isMark(word: Word, text: string): boolean {
  return word.kind === "mark" && word.text === text;
}

function unexpected(word: Word, wanted: string): PolicyProblem {
  if (word.kind === "end") return problemAt(word.line, `it ends where ${wanted} is expected`);
  const said = word.kind === "number" ? String(word.value) : JSON.stringify(word.text.slice(0, 64).toWellFormed());
  return problemAt(word.line, `${said} where ${wanted} is expected`);
}
