/**
 * Words of HCL, the language of Vault's policies, and of JSON, which is read as another spelling of it. By hand: a policy
 * decides who may do what, so nothing of it is guessed. The language is HCL 1's, as far as data go (no `${…}`).
 */
export type Word =
  | { readonly kind: "name" | "string"; readonly text: string; readonly line: number }
  | { readonly kind: "number"; readonly value: number; readonly line: number }
  | { readonly kind: "mark"; readonly text: string; readonly line: number }
  | { readonly kind: "end"; readonly line: number };

/** What is wrong with a policy, in a sentence that says where. */
export class PolicyProblem extends Error {
  override readonly name = "PolicyProblem";
}

export function problemAt(line: number, text: string): PolicyProblem {
  return new PolicyProblem(`line ${line}: ${text}`);
}

export function scan(text: string): readonly Word[] {
  const scanner = new Scanner(text);
  const words: Word[] = [];
  for (;;) {
    const word = scanner.next();
    words.push(word);
    if (word.kind === "end") return words;
  }
}

const MARKS = "{}[]=,:";
const SHORT: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ "\\": "\\", '"': '"', "/": "/" },
};
/** Digits of an escape, by its letter. */
const LONG: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class Scanner {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  next(): Word {
    this.#skip();
    const line = this.#line;
    const first = this.#peek();
    if (first === "") return { kind: "end", line };
    if (first === '"') return { kind: "string", text: this.#string(), line };
    if (this.#text.startsWith("<<", this.#at)) return { kind: "string", text: this.#heredoc(), line };
    if (MARKS.includes(first)) return { kind: "mark", text: this.#take(), line };
    if (first === "-" || isDigit(first)) return { kind: "number", value: this.#number(), line };
    if (isLetter(first)) return { kind: "name", text: this.#while(isNamePart), line };
    throw problemAt(line, `${JSON.stringify(first)} is not expected here`);
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(): string {
    const taken = this.#peek();
    this.#at += 1;
    if (taken === "\n") this.#line += 1;
    return taken;
  }

  #while(isPart: (character: string) => boolean): string {
    let taken = "";
    while (this.#peek() !== "" && isPart(this.#peek())) taken += this.#take();
    return taken;
  }

  /** Blanks and comments. */
  #skip(): void {
    for (;;) {
      this.#while(isBlank);
      if (this.#peek() === "#" || this.#text.startsWith("//", this.#at)) this.#while((one) => one !== "\n");
      else if (this.#text.startsWith("/*", this.#at)) this.#skipRemark();
      else return;
    }
  }

  #skipRemark(): void {
    const line = this.#line;
    const end = this.#text.indexOf("*/", this.#at + 2);
    if (end === -1) throw problemAt(line, "a comment has no end");
    while (this.#at < end + 2) this.#take();
  }

  #string(): string {
    const line = this.#line;
    let text = this.#take() && "";
    for (;;) {
      const one = this.#take();
      if (one === '"') return text;
      if (one === "" || one === "\n") throw problemAt(line, "a string has no end");
      if (one === "$" && this.#peek() === "{") throw problemAt(line, '"${" is not part of the language of policies');
      text += one === "\\" ? this.#escaped() : one;
    }
  }

  #escaped(): string {
    const line = this.#line;
    const letter = this.#take();
    if (SHORT[letter] !== undefined) return SHORT[letter];
    const length = LONG[letter];
    const digits = length === undefined ? "" : this.#text.slice(this.#at, this.#at + length);
    const code = [...digits].every(isHex) && digits.length === length ? Number.parseInt(digits, 16) : Number.NaN;
    if (!(code <= 0x10ffff)) throw problemAt(line, "a string has an unknown escape");
    this.#at += digits.length;
    return letter === "U" ? String.fromCodePoint(code) : String.fromCharCode(code);
  }

  /** `<<EOF` up to a line that is `EOF`; with `<<-` the lines may be indented, as much as that one is taken away. */
  #heredoc(): string {
    const line = this.#line;
    this.#at += 2;
    const indented = this.#peek() === "-" && this.#take() === "-";
    const anchor = this.#while((one) => one !== "\n").trim();
    if (anchor === "" || this.#take() === "") throw problemAt(line, "a heredoc has no end");
    const lines: string[] = [];
    for (;;) {
      if (this.#peek() === "") throw problemAt(line, "a heredoc has no end");
      const one = this.#while((character) => character !== "\n");
      if (one.trim() === anchor) return [...(indented ? outdented(lines, one) : lines), ""].join("\n");
      lines.push(one);
      this.#take();
    }
  }

  #number(): number {
    const line = this.#line;
    const text = this.#while((one) => isNamePart(one) || one === "+");
    const isOctal = text.length > 1 && text.startsWith("0") && [...text].every(isDigit);
    const value = isOctal ? Number.parseInt(text, 8) : Number(text);
    if (!Number.isFinite(value)) throw problemAt(line, `${JSON.stringify(text)} is no number`);
    return value;
  }
}

function outdented(lines: readonly string[], last: string): readonly string[] {
  const indent = last.slice(0, last.length - last.trimStart().length);
  return lines.every((line) => line.startsWith(indent)) ? lines.map((line) => line.slice(indent.length)) : lines;
}

function isBlank(one: string): boolean {
  return one === " " || one === "\t" || one === "\n" || one === "\r";
}

function isDigit(one: string): boolean {
  return one >= "0" && one <= "9";
}

function isHex(one: string): boolean {
  return isDigit(one) || (one.toLowerCase() >= "a" && one.toLowerCase() <= "f");
}

function isLetter(one: string): boolean {
  return (one >= "a" && one <= "z") || (one >= "A" && one <= "Z") || one === "_";
}

function isNamePart(one: string): boolean {
  return isLetter(one) || isDigit(one) || one === "-" || one === ".";
}
