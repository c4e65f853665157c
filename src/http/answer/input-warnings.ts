import { Input } from "./input.ts";

/** Names shown of what was ignored: all of any sensible request, and not a megabyte of them. */
const SHOWN_NAMES = 20;
const SHOWN_LENGTH = 64;

/** The warnings about parameters nobody reads (vault-http.md 1.5); what the path gave already is said apart. */
export function inputWarnings({ body, query, params }: Sent): string[] {
  const ignored = [body, query].flatMap((input) => (input instanceof Input ? input.ignored : []));
  const fromPath = Object.keys(params ?? {}).map((name) => (name === "*" ? "name" : name));
  const replaced = ignored.filter((name) => fromPath.includes(name));
  const unknown = ignored.filter((name) => !fromPath.includes(name));
  return [
    ...(unknown.length > 0 ? [`Endpoint ignored these unrecognized parameters: ${listText(unknown)}`] : []),
    ...(replaced.length > 0
      ? [
          `Endpoint replaced the value of these parameters with the values captured from the endpoint's path: ${listText(replaced)}`,
        ]
      : []),
  ];
}

/** After validation. */
export interface Sent {
  readonly body: unknown;
  readonly query: unknown;
  readonly params: unknown;
}

function listText(names: readonly string[]): string {
  return `[${names
    .slice(0, SHOWN_NAMES)
    .map((name) => name.slice(0, SHOWN_LENGTH).toWellFormed())
    .join(" ")}]`;
}
