import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Found } from "../../import/found.ts";
import { SourceError, together } from "../../import/found.ts";
import { environment } from "../frame/environment.ts";
import { usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { standardInput } from "../frame/parameters.ts";
import type { EngineFlags } from "./read-oauthapp.ts";

/** What a source is read by, as typed. */
export interface SourceFlags extends EngineFlags {
  readonly issuer?: string;
}

type Read = (from: readonly string[], flags: SourceFlags, out: Output) => Promise<Found>;

/** Every source by its name. What a program keeps elsewhere than in files is asked for by the files that are loaded here. */
const SOURCES: Readonly<Record<string, Read>> = {
  oauthapp: async (from, flags, out) => (await import("./read-oauthapp.ts")).readOauthapp(from, flags, out),
  mytoken: async (from) => (await import("./read-addresses.ts")).readMytoken(from),
  "oidc-agent": readOidcAgent,
  "git-credential-oauth": readGitCredentialOauth,
  gcm: async () =>
    (await import("../../import/git-credential-manager.ts")).fromGitCredentialManager(someClient(await gitConfig())),
  gh: readGh,
  "mcp-remote": readMcpRemote,
};

export async function readSource(
  source: string,
  from: readonly string[],
  flags: SourceFlags,
  out: Output,
): Promise<Found> {
  const read = Object.hasOwn(SOURCES, source) ? SOURCES[source] : undefined;
  if (!read) throw usage(`unknown source "${source}": give one of ${Object.keys(SOURCES).join(", ")}`);
  try {
    return await read(from, flags, out);
  } catch (error) {
    throw error instanceof SourceError ? usage(error.message) : error;
  }
}

/** The one that is there, of the places where a program may have its folder. */
function folderOf(program: string, places: readonly (string | undefined)[]): string {
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (found !== undefined) return found;
  const looked = places.filter((place) => place);
  const missing = looked.length === 1 ? "does not exist" : "do not exist";
  throw usage(`${program} has nothing here: ${looked.join(" and ")} ${missing}`);
}

const configHome = () => environment().XDG_CONFIG_HOME || join(homedir(), ".config");

async function readOidcAgent([input]: readonly string[]): Promise<Found> {
  const { accountsOf, fromOidcAgent } = await import("../../import/oidc-agent.ts");
  if (input === "-") return fromOidcAgent(await standardInput());
  const places = [environment().OIDC_CONFIG_DIR, join(configHome(), "oidc-agent"), join(homedir(), ".oidc-agent")];
  return accountsOf(readdirSync(folderOf("oidc-agent", places)));
}

async function readGitCredentialOauth([input]: readonly string[]): Promise<Found> {
  const { fromGitCredentialOauth } = await import("../../import/git-credential-oauth.ts");
  if (input === "-") return fromGitCredentialOauth(await gitConfig(), await standardInput());
  return fromGitCredentialOauth(someClient(await gitConfig()));
}

/** What git's configuration says of OAuth clients, with what it includes. */
async function gitConfig(): Promise<string> {
  const { runProgramNow } = await import("../frame/children.ts");
  const args = ["config", "--null", "--includes", "--get-regexp", "^credential\\..*\\.oauth"];
  const { error, status, stdout } = runProgramNow("git", args, { timeout: 10_000 });
  if (error) throw usage("git cannot be started, and its configuration names the clients: install git first");
  // 1: there is none (git-config(1)).
  if (status !== 0 && status !== 1) throw usage("git cannot read its configuration: git config --list says why");
  return stdout;
}

function someClient(listed: string): string {
  if (listed !== "") return listed;
  throw usage(
    "git's configuration names no OAuth client (credential.URL.oauthClientId): there is nothing to take over",
  );
}

async function readGh([file]: readonly string[]): Promise<Found> {
  const { fromGh } = await import("../../import/gh.ts");
  const windows = process.platform === "win32" && environment().APPDATA;
  const places = [
    environment().GH_CONFIG_DIR,
    windows ? join(windows, "GitHub CLI") : undefined,
    join(configHome(), "gh"),
  ];
  const path = file ?? join(folderOf("gh", places), "hosts.yml");
  return fromGh(existsSync(path) ? readFileSync(path, "utf8") : "");
}

/** The files of one server, of the newest of mcp-remote's versions that has them: each keeps a folder of its own. */
interface Remote {
  readonly hash: string;
  readonly folder: string;
  readonly time: number;
}

async function readMcpRemote(urls: readonly string[], { issuer }: SourceFlags): Promise<Found> {
  const { fromMcpRemote, unnamedRemotes } = await import("../../import/mcp-remote.ts");
  const { issuerOf } = await import("./read-addresses.ts");
  const remotes = remotesIn(
    folderOf("mcp-remote", [environment().MCP_REMOTE_CONFIG_DIR, join(homedir(), ".mcp-auth")]),
  );
  const found: Found[] = [];
  for (const url of urls) {
    if (!URL.canParse(url)) throw usage(`"${url}" is no address: give the MCP server's, as mcp-remote was given it`);
    const hash = createHash("md5").update(url).digest("hex");
    const remote = remotes.get(hash);
    if (!remote) throw usage(`mcp-remote has nothing of ${url}: give it exactly as mcp-remote was given it`);
    remotes.delete(hash);
    const file = (name: string) => readOptional(join(remote.folder, `${hash}_${name}.json`));
    const tokens = file("tokens");
    const clientInfo = file("client_info") ?? "{}";
    found.push(
      fromMcpRemote({
        url,
        issuer: issuer ?? (await issuerOf(url)),
        isGiven: issuer !== undefined,
        clientInfo,
        ...(tokens !== undefined && { tokens }),
      }),
    );
  }
  return together([...found, unnamedRemotes([...remotes.keys()].sort())]);
}

function remotesIn(root: string): Map<string, Remote> {
  const remotes = new Map<string, Remote>();
  for (const name of readdirSync(root)) {
    const folder = join(root, name);
    if (!name.startsWith("mcp-remote-") || !statSync(folder).isDirectory()) continue;
    for (const file of readdirSync(folder)) {
      const [, hash] = /^([0-9a-f]{32})_tokens\.json$/.exec(file) ?? [];
      if (hash === undefined) continue;
      const time = statSync(join(folder, file)).mtimeMs;
      if (time > (remotes.get(hash)?.time ?? 0)) remotes.set(hash, { hash, folder, time });
    }
  }
  return remotes;
}

function readOptional(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
