import type { StepName } from "../api/walk.ts";
import { parseJsonObject } from "../protocol/response/json.ts";
import { deviceScopes } from "./device-scopes.ts";
import type { Exchange } from "./exchange.ts";
import { registrationBody } from "./register.ts";
import type { WalkState } from "./state.ts";

/** How step 1 was taken; `older-elsewhere`: with addresses that somebody wrote, for which the command line has no option. */
export type Lane = "present" | "older" | "older-elsewhere";

interface WhereOfWalk {
  readonly step: StepName;
  /** As it was typed. */
  readonly homeserver: string;
  readonly lane: Lane;
  readonly state: WalkState;
  /** The request that is to be made again. */
  readonly exchange?: Exchange | undefined;
}

type Option = readonly [name: string, value?: string];

/** The walk up to this step in a terminal, with the same inputs (MX-P2); undefined where no command does the same. */
export function asCoatcheck(where: WhereOfWalk): string | undefined {
  const { step, homeserver, lane, state, exchange } = where;
  const name = homeserver.trim();
  if (name === "" || lane === "older-elsewhere" || exchange?.simulated) return undefined;
  // An initial access token is a secret, which no command line should have.
  if (state.client?.initialAccessToken || (step === "register" && exchange?.headers.authorization)) return undefined;
  const options: readonly Option[] = [
    ...(LOOPBACK.test(name) ? [["--allow-networks", "loopback"] as const] : []),
    ...(lane === "older" ? [["--older-servers"] as const] : []),
    ...registrationOptions(where),
    ...(step === "revoke" ? [] : [["--until", step] as const]),
  ];
  const words = options.map(([option, value]) => (value === undefined ? option : `${option} ${quoted(value)}`));
  return ["coatcheck walk", quoted(name), ...words].join(" ");
}

const LOOPBACK = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:|\/|$)/i;

/** What is registered and asked for, as far as it differs from the walk's own. */
function registrationOptions({ step, state, exchange }: WhereOfWalk): readonly Option[] {
  const { found, client, link, device } = state;
  const login = link ?? device;
  const body = step === "register" && exchange ? parseJsonObject(exchange.body ?? "") : client?.requested;
  const usual = registrationBody({}, link?.redirectUri);
  const names = body ? [...new Set([...Object.keys(usual), ...Object.keys(body)])] : [];
  const changed = names.filter((name) => JSON.stringify(body?.[name]) !== JSON.stringify(usual[name]));
  const scope = login?.scopes.join(" ");
  const isUsual = found && login && scope === deviceScopes(found, login.deviceId).join(" ");
  return [
    ...changed.map((name) => ["--metadata", `${name}=${argument(body?.[name])}`] as const),
    ...(link ? [["--code-flow"] as const, ["--redirect-uri", link.redirectUri] as const] : []),
    ...(link?.prompt === undefined ? [] : [["--prompt", link.prompt] as const]),
    // A usual one names a device by chance, and the next login wants one of its own.
    ...(scope === undefined || isUsual ? [] : [["--scope", scope] as const]),
  ];
}

/** As `--metadata` reads it: what looks like JSON is JSON. */
function argument(value: unknown): string {
  const isPlain = typeof value === "string" && !/^([[{"]|null$)/.test(value);
  return isPlain ? value : JSON.stringify(value ?? null);
}

/** One word for a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
