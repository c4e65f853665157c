import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Operator, operator } from "../../client/index.ts";
import { type Found, isObject } from "../../import/found.ts";
import { fromOauthapp, type Reads } from "../../import/oauthapp.ts";
import { connectionTo } from "../connect/broker.ts";
import { environment } from "../frame/environment.ts";
import { usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { parseParameters } from "../frame/parameters.ts";

export interface EngineFlags {
  readonly mount: string;
  readonly sourceTokenFile?: string;
  readonly clientSecret: readonly string[];
}

/** Reads a mount of the engine, of Vault, OpenBao or another Coatcheck; it is only read there. */
export async function readOauthapp([given]: readonly string[], flags: EngineFlags, out: Output): Promise<Found> {
  const address = given ?? environment().VAULT_ADDR;
  if (!address) throw usage("give the address of Vault or OpenBao, or set VAULT_ADDR");
  const { mount } = flags;
  const engine = operator({ ...(await connectionTo(address, out.verbose)), token: tokenOf(flags), mount });
  const servers = await readsOf(engine, `${mount}/servers`);
  return fromOauthapp({
    mount,
    servers,
    creds: await readsOf(engine, `${mount}/creds`),
    self: await readsOf(engine, `${mount}/self`),
    secrets: await secretsOf(flags.clientSecret, Object.keys(servers)),
  });
}

/** As the vault command finds it: its variable, then the file of `vault login`. */
function tokenOf({ sourceTokenFile }: EngineFlags): string {
  const { VAULT_TOKEN } = environment();
  if (sourceTokenFile === undefined && VAULT_TOKEN) return VAULT_TOKEN;
  const file = sourceTokenFile ?? join(homedir(), ".vault-token");
  try {
    const token = readFileSync(file, "utf8").trim();
    if (token !== "") return token;
  } catch {
    // Said below.
  }
  throw usage(`there is no token for it: set VAULT_TOKEN, or give --source-token-file (${file} cannot be read)`);
}

/** What is read of each name. A read that is refused leaves the name: a credential that has failed is one too. */
async function readsOf(engine: Operator, path: string): Promise<Reads> {
  const reads: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const name of await namesBelow(engine, path)) {
    const answer = await engine.read(`${path}/${name}`).catch(() => undefined);
    reads[name] = isObject(answer?.data) ? answer.data : {};
  }
  return reads;
}

/** Names with slashes are listed as folders. */
async function namesBelow(engine: Operator, path: string, prefix = ""): Promise<readonly string[]> {
  const { keys } = ((await engine.list(prefix === "" ? path : `${path}/${prefix}`))?.data ?? {}) as {
    readonly keys?: readonly string[];
  };
  const names: string[] = [];
  for (const key of keys ?? []) {
    if (key.endsWith("/")) names.push(...(await namesBelow(engine, path, prefix + key)));
    else names.push(prefix + key);
  }
  return names;
}

/** `NAME=@FILE`, never the secret itself: other users can read command lines. */
async function secretsOf(
  given: readonly string[],
  servers: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const secrets: Record<string, string> = {};
  for (const one of given) {
    const at = one.indexOf("=");
    const [name, source] = [one.slice(0, Math.max(at, 0)), one.slice(at + 1)];
    if (!servers.includes(name))
      throw usage(`--client-secret: give NAME=@FILE with a server of it: ${servers.join(", ")}`);
    const { client_secret } = await parseParameters([`client_secret=${source}`]);
    secrets[name] = String(client_secret);
  }
  return secrets;
}
