/** SQL whose parameters have names; PostgreSQL numbers them. */
export interface Statement {
  /** With `$1`, `$2` … */
  readonly text: string;
  /** The name of each number, in order. */
  readonly names: readonly string[];
}

/** Compiles `:name` to `$n`; a cast (`::bigint`) is left alone. */
export function statement(sql: string): Statement {
  const names: string[] = [];
  const text = sql.replace(/(?<!:):([a-zA-Z]\w*)/g, (_match, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { text, names };
}

type Value = string | number | boolean | Uint8Array | readonly string[] | readonly Uint8Array[] | null;

export type Values = Readonly<Record<string, Value>>;

/** The values in the order of their numbers; what the statement does not name is left out. */
export function ordered({ names }: Statement, values: Values): unknown[] {
  return names.map((name) => values[name]);
}
