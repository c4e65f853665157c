import { CliError, failureOf } from "../fail.ts";
import { shellWords } from "../output.ts";
import { type Answered, type Asked, type CurrentToken, credentialFor } from "./protocol.ts";
import { sha256 } from "./sources.ts";

/** gitcredentials(7) and git-credential(1): attributes of one request. */
type Attributes = ReadonlyMap<string, readonly string[]>;

/** The user name beside a token, and whether the host takes it as Bearer. */
export interface GitHost {
  readonly username?: string;
  readonly bearer?: boolean;
}

const HOSTS: Readonly<Record<string, GitHost>> = {
  "github.com": { username: "x-access-token", bearer: false },
  "gitlab.com": { username: "oauth2", bearer: false },
  "codeberg.org": { username: "oauth2", bearer: true },
  "gitea.com": { username: "oauth2", bearer: true },
  "bitbucket.org": { username: "x-token-auth", bearer: true },
};

const DEFAULT_USER = "oauth2";

/** Marks a token of ours, by its SHA-256, in what git hands back to us. */
const STATE = "coatcheck:v1:";

const LONGEST_LINE = 65_535;

export async function git(asked: Asked): Promise<Answered> {
  switch (asked.args[0]) {
    case "capability":
      return { out: "version 0\ncapability authtype\ncapability state\n" };
    case "get":
      return get(asked, parse(await asked.input()));
    case "erase":
      return erase(asked, parse(await asked.input()));
    default:
      // `store` keeps nothing here; a verb that is not known is to be passed over.
      return {};
  }
}

async function get(asked: Asked, attributes: Attributes): Promise<Answered> {
  const name = ours(asked, attributes);
  if (name === undefined) return {};
  try {
    const token = await asked.tokens.current(name);
    return { out: takesBearer(asked, attributes) ? bearer(token) : password(asked, attributes, token) };
  } catch (error) {
    const failure = failureOf(error);
    const run = failure.next ? `; run: ${shellWords(failure.next)}` : "";
    return { out: "quit=1\n", err: `coatcheck: ${failure.message}${run}\n` };
  }
}

/** The token is reported, and refreshed once; the grant stays. */
async function erase(asked: Asked, attributes: Attributes): Promise<Answered> {
  const name = ours(asked, attributes);
  const hash = rejectedHash(attributes);
  if (name === undefined || hash === undefined) return {};
  await asked.tokens.rejected(name, hash).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
  });
  return {};
}

function rejectedHash(attributes: Attributes): string | undefined {
  const state = all(attributes, "state[]").find((one) => one.startsWith(STATE));
  if (state !== undefined) return state.slice(STATE.length);
  const secret = one(attributes, "credential") ?? one(attributes, "password");
  return secret === undefined ? undefined : sha256(secret);
}

function ours({ settings }: Asked, attributes: Attributes): string | undefined {
  // A token goes over https only.
  if (one(attributes, "protocol") !== "https") return undefined;
  return credentialFor(settings, "git", one(attributes, "host") ?? "");
}

function hostOf({ settings }: Asked, attributes: Attributes): GitHost {
  const host = one(attributes, "host") ?? "";
  return { ...HOSTS[host], ...settings.gitHosts?.[host] };
}

/** git 2.46 and later offers it; whether the host takes it is known, or said by its challenge. */
function takesBearer(asked: Asked, attributes: Attributes): boolean {
  if (!all(attributes, "capability[]").includes("authtype")) return false;
  const challenged = all(attributes, "wwwauth[]").some((challenge) => /^bearer\b/i.test(challenge));
  return hostOf(asked, attributes).bearer ?? challenged;
}

function bearer({ accessToken, expiresAt }: CurrentToken): string {
  return lines([
    ["capability[]", "authtype"],
    ["capability[]", "state"],
    ["authtype", "Bearer"],
    ["credential", accessToken],
    ["ephemeral", "1"],
    ["password_expiry_utc", expiresAt],
    ["state[]", `${STATE}${sha256(accessToken)}`],
  ]);
}

function password(asked: Asked, attributes: Attributes, { accessToken, expiresAt }: CurrentToken): string {
  const known = hostOf(asked, attributes).username ?? one(attributes, "username") ?? DEFAULT_USER;
  return lines([
    ["username", known],
    ["password", accessToken],
    ["password_expiry_utc", expiresAt],
  ]);
}

function lines(fields: readonly (readonly [key: string, value: string | number | undefined])[]): string {
  return fields.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}\n`])).join("");
}

function parse(text: string): Attributes {
  const attributes = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    if (line === "") break;
    const at = line.indexOf("=");
    if (at < 1 || line.length > LONGEST_LINE || line.includes("\0")) continue;
    const [key, value] = [line.slice(0, at), line.slice(at + 1)];
    // An empty value of a list empties it.
    if (key.endsWith("[]")) attributes.set(key, value === "" ? [] : [...all(attributes, key), value]);
    else attributes.set(key, [value]);
  }
  return attributes;
}

function all(attributes: Attributes, key: string): readonly string[] {
  return attributes.get(key) ?? [];
}

function one(attributes: Attributes, key: string): string | undefined {
  return attributes.get(key)?.[0];
}
