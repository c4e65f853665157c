import type { ClientMetadata } from "../protocol/client/registration.ts";
import { MATRIX_CLIENT } from "../providers/matrix-client.ts";
import type { Exchange } from "./exchange.ts";

type Request = Pick<Exchange, "method" | "url" | "headers" | "body" | "bodyKind">;

/** The request for a POSIX shell, a form one member a line (MX-P2, MX-P4). */
export function asCurl({ method, url, headers, body = "", bodyKind }: Request): string {
  const data = bodyKind === "form" ? [...new URLSearchParams(body)] : [];
  return [
    `curl -X ${method} ${quoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...data.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`),
    ...(bodyKind === "json" ? [`--data-raw ${quoted(body)}`] : []),
  ].join(" \\\n  ");
}

/** The request as a call of `fetch`. */
export function asTypeScript({ method, url, headers, body = "", bodyKind }: Request): string {
  const members = JSON.stringify(Object.fromEntries(new URLSearchParams(body)), undefined, 2).replaceAll("\n", "\n  ");
  const sent = bodyKind === "form" ? `new URLSearchParams(${members})` : JSON.stringify(body);
  const init = [
    `method: ${JSON.stringify(method)}`,
    `headers: ${JSON.stringify(headers, undefined, 2).replaceAll("\n", "\n  ")}`,
    ...(bodyKind === undefined ? [] : [`body: ${sent}`]),
  ];
  return `const response = await fetch(${JSON.stringify(url)}, {\n  ${init.join(",\n  ")},\n});\nconsole.log(response.status, await response.json());`;
}

export interface WalkCommand {
  readonly homeserver: string;
  readonly body?: ClientMetadata;
  readonly deviceId?: string;
  readonly scope?: string;
  /** Given: the code flow. */
  readonly redirectUri?: string;
}

/** The walk with the same inputs on the command line. */
export function asCoatcheck({ homeserver, body = MATRIX_CLIENT, deviceId, scope, redirectUri }: WalkCommand): string {
  const usual: ClientMetadata = MATRIX_CLIENT;
  const names = [...new Set([...Object.keys(usual), ...Object.keys(body)])];
  const changed = names.filter((name) => JSON.stringify(body[name]) !== JSON.stringify(usual[name]));
  const options: readonly (readonly [string, string | undefined])[] = [
    ...changed.map((name) => ["--metadata", `${name}=${argument(body[name])}`] as const),
    ["--device-id", deviceId],
    ["--scope", scope],
    ["--redirect-uri", redirectUri],
  ];
  const given = options.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${quoted(value)}`]));
  return ["coatcheck walk", quoted(homeserver), ...(redirectUri === undefined ? [] : ["--code-flow"]), ...given].join(
    " ",
  );
}

/** As `--metadata` reads it: what looks like JSON is JSON. */
function argument(value: unknown): string {
  const isPlain = typeof value === "string" && !/^([[{"]|null$)/.test(value);
  return isPlain ? value : JSON.stringify(value ?? null);
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
