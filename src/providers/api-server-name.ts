import { parseServerInput } from "../protocol/ladder/server-input.ts";
import type { ApiServer } from "./api-server.ts";
import type { Provider } from "./provider.ts";

type Options = Readonly<Record<string, string>>;

/** A server names its API server, or those it allows; else nobody could log in. */
export function apiServerProblem({ apiServer }: Provider, options: Options): string | undefined {
  if (!apiServer) return undefined;
  const { option, open, ladder } = apiServer;
  const names = [option, open].filter((name) => (options[name] ?? "") !== "");
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
  const host = hostOf(wanted, allowHttp);
  if (host === undefined) return `option "${option}": not the name, user id or https URL of a ${ladder.noun}`;
  const isAllowed = namesOf(server[open] ?? "").some((pattern) => fits(host, pattern));
  return isAllowed ? undefined : `option "${option}": this server does not allow ${host}`;
}

/** Whether a list has this very API server, and not only a pattern that fits it. */
export function isListed(text: string, list: string): boolean {
  const host = hostOf(text, true);
  return host !== undefined && namesOf(list).includes(host);
}

/** Name or host, each with its port. */
function hostOf(text: string, allowHttp: boolean): string | undefined {
  const input = parseServerInput(text, allowHttp);
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
