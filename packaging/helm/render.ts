/** What a chart is rendered with. */
export interface Release {
  readonly values: object;
  /** Named templates, as the values that they stand for. */
  readonly parts: Readonly<Record<string, unknown>>;
  readonly appVersion: string;
}

type Tree = readonly (string | Block)[];

interface Block {
  readonly word: string;
  readonly expression: string;
  readonly inside: Tree;
}

/** What an expression may mean: the dot, and variables of a range. */
interface Scope extends Release {
  readonly dot?: unknown;
  readonly variables?: Readonly<Record<string, unknown>>;
}

const BLOCK = /^\s*\{\{- (if|with|range|end)\b ?(.*?) ?\}\}$/;

/** The few forms of Helm's templates that the chart uses; any other throws. Objects come out as JSON, which YAML has inside. */
export function rendered(template: string, release: Release): string {
  const lines = template.split("\n");
  const tree = treeOf(lines);
  if (lines.length > 0) throw new Error("there is an end too many");
  return textOf(tree, release);
}

/** Up to the end of the block; takes its lines. */
function treeOf(lines: string[]): Tree {
  const tree: (string | Block)[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, word, expression = ""] = BLOCK.exec(line) ?? [];
    if (word === "end") return tree;
    tree.push(word === undefined ? line : { word, expression, inside: treeOf(lines) });
  }
  return tree;
}

function textOf(tree: Tree, scope: Scope): string {
  return tree.flatMap((one) => (typeof one === "string" ? lineOf(one, scope) : blockOf(one, scope))).join("\n");
}

function lineOf(line: string, scope: Scope): string {
  return line.replaceAll(/\{\{(-?) (.*?) \}\}/g, (_, trimmed: string, expression: string) => {
    const value = evaluated(expression, scope);
    if (value === undefined) throw new Error(`there is no ${expression}`);
    return `${trimmed && " "}${typeof value === "object" ? JSON.stringify(value) : value}`;
  });
}

function blockOf({ word, expression, inside }: Block, scope: Scope): readonly string[] {
  if (word !== "range") {
    const dot = evaluated(expression, scope);
    return isEmpty(dot) ? [] : [textOf(inside, word === "with" ? { ...scope, dot } : scope)];
  }
  const [, name = "", value = "", of = ""] = /^(\$\w+), (\$\w+) := (.*)$/.exec(expression) ?? [];
  return Object.entries(evaluated(of, scope) ?? {}).map(([key, item]) =>
    textOf(inside, { ...scope, variables: { [name]: key, [value]: item } }),
  );
}

/** As Go's templates judge it. */
function isEmpty(value: unknown): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}

function evaluated(expression: string, scope: Scope): unknown {
  const [first = "", ...pipes] = expression.split(" | ");
  return pipes.reduce((value, pipe) => piped(value, pipe, scope), simpleOf(first, scope));
}

function piped(value: unknown, pipe: string, scope: Scope): unknown {
  const [, otherwise] = /^default (.*)$/.exec(pipe) ?? [];
  if (otherwise !== undefined) return isEmpty(value) ? simpleOf(otherwise, scope) : value;
  if (pipe === "quote") return JSON.stringify(String(value));
  // What is JSON needs no indent.
  if (/^nindent \d+$/.test(pipe)) return value;
  throw new Error(`no form of this renderer: | ${pipe}`);
}

function simpleOf(text: string, scope: Scope): unknown {
  const [, part] = /^include "([\w.]+)" \.$/.exec(text) ?? [];
  if (part !== undefined) return scope.parts[part];
  const [, call, argument = ""] = /^(toYaml|quote) (\S+)$/.exec(text) ?? [];
  if (call === "toYaml") return simpleOf(argument, scope);
  if (call === "quote") return piped(simpleOf(argument, scope), "quote", scope);
  const [, counted, than] = /^gt \(int (\S+)\) (\d+)$/.exec(text) ?? [];
  if (counted !== undefined) return Number(simpleOf(counted, scope)) > Number(than);
  if (text === ".") return scope.dot;
  if (/^\$\w+$/.test(text)) return scope.variables?.[text];
  if (text === ".Chart.AppVersion") return scope.appVersion;
  const [, path] = /^\$?\.Values\.([\w.]+)$/.exec(text) ?? [];
  if (path === undefined) throw new Error(`no form of this renderer: ${text}`);
  return path.split(".").reduce<unknown>((one, name) => memberOf(one, name), scope.values);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
