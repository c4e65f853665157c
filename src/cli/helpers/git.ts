import { CliError, EXIT, failureOf } from "../frame/fail.ts";
import { hostKind } from "./git-hosts.ts";
import {
  type CurrentToken,
  complaint,
  credentialFor,
  type HelperAnswer,
  type HelperRequest,
  sha256,
} from "./protocol.ts";

/** gitcredentials(7) and git-credential(1): attributes of one request. */
type Attributes = ReadonlyMap<string, readonly string[]>;

const DEFAULT_USER = "oauth2";

/** Marks a token of ours, by its SHA-256, in what git hands back to us. */
const STATE = "coatcheck:v1:";

/** Bytes; git's own limit. */
const LONGEST_LINE = 65_535;

export async function git(asked: HelperRequest): Promise<HelperAnswer> {
  switch (asked.args[0]) {
    case "capability":
      return { out: "version 0\ncapability authtype\ncapability state\n" };
    case "get":
      return get(asked, await read(asked));
    case "erase":
      return erase(asked, await read(asked));
    default:
      // `store` keeps nothing here; a verb that is not known is to be passed over.
      return {};
  }
}

async function get(asked: HelperRequest, attributes: Attributes): Promise<HelperAnswer> {
  const name = ours(asked, attributes)?.name;
  if (name === undefined) return {};
  try {
    const token = await asked.tokens.current(name);
    return { out: takesBearer(asked, attributes) ? bearer(attributes, token) : password(asked, attributes, token) };
  } catch (error) {
    // Ours and dead: nobody else is to be asked. A broker that is away says nothing about the login.
    const dead = failureOf(error).exit === EXIT.login || failureOf(error).exit === EXIT.refused;
    return dead ? { out: "quit=1\n", err: complaint(error) } : { err: complaint(error), exit: 1 };
  }
}

/** The token is reported, and refreshed once; the grant stays. Nothing here is worth a failure to git. */
async function erase(asked: HelperRequest, attributes: Attributes): Promise<HelperAnswer> {
  try {
    const name = ours(asked, attributes)?.name;
    const hash = rejectedHash(attributes);
    if (name !== undefined && hash !== undefined) await asked.tokens.rejected(name, hash);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
  return {};
}

function rejectedHash(attributes: Attributes): string | undefined {
  const state = all(attributes, "state[]").find((one) => one.startsWith(STATE));
  if (state !== undefined) return state.slice(STATE.length);
  const secret = one(attributes, "credential") ?? one(attributes, "password");
  return secret === undefined ? undefined : sha256(secret);
}

interface Ours {
  readonly key: string;
  readonly name: string;
}

/** git tells the path only where `setup` asked for it (useHttpPath): the longest that is set up, by its segments. */
function ours({ settings }: HelperRequest, attributes: Attributes): Ours | undefined {
  // A token goes over https only.
  if (one(attributes, "protocol") !== "https") return undefined;
  const segments = [hostOf(attributes), ...(one(attributes, "path") ?? "").split("/").filter((part) => part !== "")];
  for (let length = segments.length; length > 0; length -= 1) {
    const key = segments.slice(0, length).join("/");
    const name = credentialFor(settings, "git", key);
    if (name !== undefined) return { key, name };
  }
  return undefined;
}

/** As it was typed into the address. */
function hostOf(attributes: Attributes): string {
  return (one(attributes, "host") ?? "").toLowerCase();
}

function kindOf(asked: HelperRequest, attributes: Attributes) {
  const host = hostOf(attributes);
  const key = ours(asked, attributes)?.key ?? host;
  return { ...hostKind(host), ...asked.settings.gitHosts?.[host], ...asked.settings.gitHosts?.[key] };
}

/** git 2.46 and later offers it; whether the host takes it is known, or said by its challenge. */
function takesBearer(asked: HelperRequest, attributes: Attributes): boolean {
  if (!offers(attributes, "authtype")) return false;
  const challenged = all(attributes, "wwwauth[]").some((challenge) => /^bearer\b/i.test(challenge));
  return kindOf(asked, attributes).bearer ?? challenged;
}

function offers(attributes: Attributes, capability: string): boolean {
  return all(attributes, "capability[]").includes(capability);
}

/** What git has not offered it would not understand. */
function bearer(attributes: Attributes, { accessToken, expiresAt }: CurrentToken): string {
  const state = offers(attributes, "state");
  return lines([
    ["capability[]", "authtype"],
    ["capability[]", state ? "state" : undefined],
    ["authtype", "Bearer"],
    ["credential", accessToken],
    ["ephemeral", "1"],
    ["password_expiry_utc", expiresAt],
    ["state[]", state ? `${STATE}${sha256(accessToken)}` : undefined],
  ]);
}

function password(asked: HelperRequest, attributes: Attributes, { accessToken, expiresAt }: CurrentToken): string {
  const known = kindOf(asked, attributes).username ?? one(attributes, "username") ?? DEFAULT_USER;
  return lines([
    ["username", known],
    ["password", accessToken],
    ["password_expiry_utc", expiresAt],
  ]);
}

function lines(fields: readonly (readonly [key: string, value: string | number | undefined])[]): string {
  return fields.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}\n`])).join("");
}

/** Ends at a blank line, whether or not git closes its end. */
async function read({ lines, within }: HelperRequest): Promise<Attributes> {
  const attributes = new Map<string, readonly string[]>();
  const work = async () => {
    for await (const line of lines()) {
      if (line === "") break;
      take(attributes, line);
    }
  };
  await within(work());
  return attributes;
}

function take(attributes: Map<string, readonly string[]>, line: string): void {
  if (line.includes("\0")) throw new CliError("invalid_request", "a line of git's request contains a NUL character");
  if (Buffer.byteLength(line) > LONGEST_LINE)
    throw new CliError("invalid_request", "a line of git's request is too long");
  const at = line.indexOf("=");
  if (at < 1) return;
  const [key, value] = [line.slice(0, at), line.slice(at + 1)];
  // An empty value of a list empties it.
  if (key.endsWith("[]")) attributes.set(key, value === "" ? [] : [...all(attributes, key), value]);
  else attributes.set(key, [value]);
}

function all(attributes: Attributes, key: string): readonly string[] {
  return attributes.get(key) ?? [];
}

function one(attributes: Attributes, key: string): string | undefined {
  return attributes.get(key)?.[0];
}
