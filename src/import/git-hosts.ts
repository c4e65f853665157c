import type { Command, Found, FoundServer, LeftBehind, ServerRecord } from "./found.ts";

/** Which keys of `credential.<url>` a git helper names its endpoints by; in lower case, as git lists them. */
export interface HelperKeys {
  readonly authorization: string;
  readonly token: string;
  readonly device: string;
  /** `false` there: the client's secret is in the body (GCM). */
  readonly authHeader?: string;
}

/** Hosts that have a provider of their own name. */
const HOSTS: Readonly<Record<string, string>> = {
  "github.com": "github",
  "gitlab.com": "gitlab",
  "bitbucket.org": "bitbucket",
  "codeberg.org": "codeberg",
};

/** What a host is called whose first label says what runs there. */
const FAMILIES = ["github", "gitlab", "gitea", "forgejo"];

interface KnownHost {
  /** Of the server record. */
  readonly name: string;
  readonly record: ServerRecord;
}

/** The provider at a git host, as far as its name says it. */
export function providerAt(host: string): KnownHost | undefined {
  const known = HOSTS[host];
  if (known !== undefined) return { name: known, record: { provider: known } };
  const ofGitHub = host.endsWith(".ghe.com") ? "github" : undefined;
  const family = ofGitHub ?? FAMILIES.find((name) => host.startsWith(`${name}.`));
  return family === undefined
    ? undefined
    : { name: host, record: { provider: family, provider_options: { base_url: `https://${host}` } } };
}

/** `git config --null --get-regexp` of `credential.<url>.<key>`: URL → key → value. */
function credentialsOf(listed: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const hosts = new Map<string, Map<string, string>>();
  for (const entry of listed.split("\0")) {
    const [, place = "", key = "", value = ""] = /^credential\.(.+)\.([a-z0-9-]+)\n(.*)$/s.exec(entry) ?? [];
    const url = place.includes("://") ? place : `https://${place}`;
    if (key === "" || !URL.canParse(url)) continue;
    const keys = hosts.get(url) ?? new Map<string, string>();
    hosts.set(url, keys.set(key, value));
  }
  return hosts;
}

/** The servers that git's configuration names a client for. */
export function serversOf(listed: string, keys: HelperKeys): Found {
  const found = [...credentialsOf(listed)].flatMap(([url, values]) =>
    values.get("oauthclientid") ? [serverAt(new URL(url), values, keys)] : [],
  );
  return {
    servers: found.flatMap((one) => ("record" in one ? [one] : [])),
    logins: [],
    left: found.flatMap((one) => ("why" in one ? [one] : [])),
  };
}

function serverAt(url: URL, values: ReadonlyMap<string, string>, keys: HelperKeys): FoundServer | LeftBehind {
  const known = endpointsOf(url, values, keys) ?? providerAt(url.host);
  if (!known) return withoutEndpoints(url, keys);
  const clientId = values.get("oauthclientid") ?? "";
  const secret = values.get("oauthclientsecret");
  const scopes = values.get("oauthscopes")?.split(/[\s,]+/);
  return {
    name: known.name,
    record: { ...known.record, client_id: clientId, ...(secret && { client_secret: secret }) },
    ...(scopes && { scopes }),
    note: "its client is registered for a redirect URI on your own machine: a login in a browser (--web) wants the broker's to be added there",
  };
}

function endpointsOf(url: URL, values: ReadonlyMap<string, string>, keys: HelperKeys): KnownHost | undefined {
  const at = (key: string) => {
    const value = values.get(key);
    return value === undefined ? undefined : URL.parse(value, url.href)?.href;
  };
  const [authorization, token, device] = [at(keys.authorization), at(keys.token), at(keys.device)];
  if (token === undefined) return undefined;
  const header = keys.authHeader && values.get(keys.authHeader);
  return {
    name: HOSTS[url.host] ?? url.host,
    record: {
      provider: "custom",
      provider_options: {
        token_url: token,
        ...(authorization && { auth_code_url: authorization }),
        ...(device && { device_code_url: device }),
        ...(header === "false" && { auth_style: "in_params" }),
      },
    },
  };
}

function withoutEndpoints(url: URL, { token }: HelperKeys): LeftBehind {
  return {
    what: url.host,
    why: `git's configuration names a client and no ${token}, and nothing says which provider it is`,
    next: addCommand({ name: url.host, record: { provider: "custom", provider_options: { token_url: "URL" } } }),
  };
}

/** How a server is added by hand, with a client of one's own. */
export function addCommand({ name, record: { provider, provider_options = {} } }: KnownHost): Command {
  const options = Object.entries(provider_options).flatMap(([key, value]) => ["--option", `${key}=${value}`]);
  return ["coatcheck", "server", "add", name, "--provider", provider, ...options, "--client-id", "ID"];
}
