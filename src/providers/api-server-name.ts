import { parseApiServer } from "../protocol/api-server-address.ts";
import type { ApiServer } from "./api-server.ts";
import type { Provider } from "./provider.ts";

type Options = Readonly<Record<string, string>>;

/** A server names its API server, or those it allows; else nobody could log in. */
export function apiServerProblem({ apiServer }: Provider, options: Options, allowHttp: boolean): string | undefined {
  if (!apiServer) return undefined;
  const { option, open, ladder } = apiServer;
  const names = [option, open].filter((name) => (options[name] ?? "") !== "");
  const fixed = options[option] ?? "";
  // What a homeserver is called is looked at where it is looked for, which says more.
  const mayBeHttp = allowHttp || options.allow_http === "true" || isLoopbackHost(URL.parse(fixed)?.hostname ?? "");
  const isUnusable = ladder.kind !== "homeserver" && fixed !== "" && !parseApiServer(ladder, fixed, mayBeHttp);
  if (isUnusable) return `option "${option}": ${notOne(ladder)}`;
  if (names.length === 1) return undefined;
  return names.length === 0
    ? `option "${option}": name a ${ladder.noun}, or allow several with ${open}`
    : `option "${open}": cannot be combined with ${option}, which names the only one`;
}

/** Whether a credential may be made at the API server that it names. */
export function apiServerNameProblem(
  apiServer: ApiServer,
  server: Options,
  options: Options,
  allowHttp: boolean,
): string | undefined {
  const { option, open, ladder } = apiServer;
  const wanted = options[option] ?? "";
  const fixed = server[option] ?? "";
  if (fixed !== "") {
    return wanted === "" || wanted === fixed ? undefined : `option "${option}": this server accepts only ${fixed}`;
  }
  if (wanted === "") return `option "${option}": name a ${ladder.noun}`;
  const host = hostOf(ladder, wanted, allowHttp);
  if (host === undefined) return `option "${option}": ${notOne(ladder)}`;
  const isAllowed = namesOf(server[open] ?? "").some((pattern) => fits(host, pattern));
  return isAllowed ? undefined : `option "${option}": this server does not allow ${host}`;
}

/** Whether a list has this very API server, and not only a pattern that fits it. */
export function isListed(ladder: ApiServer["ladder"], text: string, list: string): boolean {
  const host = hostOf(ladder, text, true);
  return host !== undefined && namesOf(list).includes(host);
}

function notOne({ kind, noun }: ApiServer["ladder"]): string {
  return kind === "homeserver" ? `not the name, user id or https URL of a ${noun}` : `not the https URL of an ${noun}`;
}

/** By its own text; other names may lead here as well, and nobody has said so. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}

/** Name or host, each with its port. */
function hostOf(ladder: ApiServer["ladder"], text: string, allowHttp: boolean): string | undefined {
  const input = parseApiServer(ladder, text, allowHttp);
  if (!input) return undefined;
  return input.kind === "name" ? input.name : new URL(input.baseUrl).host;
}

function fits(host: string, pattern: string): boolean {
  if (pattern === "*") return true;
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}

const NAME_PATTERN = /^(\*|(\*\.)?[a-z0-9.-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?)$/;

export function isNamePattern(text: string): boolean {
  return NAME_PATTERN.test(text.toLowerCase());
}

/** A comma list of names, in lower case. */
export function namesOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
