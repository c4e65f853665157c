import { BlockList, isIP } from "node:net";

/** A proxy that the environment names. */
export interface EgressProxy {
  readonly protocol: "http:" | "https:";
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Value of `Proxy-Authorization` (RFC 7617), by the user information of its URL; a secret. */
  readonly authorization?: string;
}

/** The proxy that a URL is asked through; undefined: none. */
export type ProxyFor = (url: URL) => EgressProxy | undefined;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in lower case too, which goes first (as curl reads them). What is on this machine
 * itself is never asked through a proxy. Undefined where none is named; throws an `Error` that shows no value, since it may hold a password.
 */
export function proxiesOf(env: Environment): ProxyFor | undefined {
  const https = proxyNamed(env, "HTTPS_PROXY");
  const http = proxyNamed(env, "HTTP_PROXY");
  if (!https && !http) return undefined;
  const entries = read(env, "NO_PROXY")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "");
  return (url) => {
    const host = hostOf(url);
    if (isLoopback(host) || entries.some((entry) => exempts(entry, host, url))) return undefined;
    return url.protocol === "https:" ? https : http;
  };
}

function read(env: Environment, name: string): string {
  return env[name.toLowerCase()] || env[name] || "";
}

function proxyNamed(env: Environment, variable: string): EgressProxy | undefined {
  const text = read(env, variable).trim();
  if (text === "") return undefined;
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
    throw new Error(`${variable} does not name an http or https proxy: give one like http://proxy.example.com:3128`);
  }
  const { protocol } = url;
  const port = url.port === "" ? (protocol === "https:" ? 443 : 80) : Number(url.port);
  return { protocol, host: hostOf(url), port, ...authorizationOf(url, variable) };
}

function authorizationOf({ username, password }: URL, variable: string): Pick<EgressProxy, "authorization"> {
  if (username === "" && password === "") return {};
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  } catch {
    throw new Error(`${variable}: the name or password has a "%" that must be written as %25`);
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/** A host of this machine (RFC 6761 6.3), by its name or address. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith("127.");
  return host === "::1" || host === "localhost" || host.endsWith(".localhost");
}

/** An entry of NO_PROXY: `*`, a domain with all below it, an address or a network; a port may follow. */
function exempts(entry: string, host: string, url: URL): boolean {
  if (entry === "*") return true;
  const [network = "", bits] = entry.split("/");
  if (bits !== undefined && isIP(network) !== 0) return within(host, network, Number(bits));
  const [, bracketed, plain = "", port] =
    /^(?:\[(.*)\]|(.*?))(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (port !== undefined && port !== (url.port || (url.protocol === "https:" ? "443" : "80"))) return false;
  const name = (bracketed ?? plain).replace(/^\*?\./, "").replace(/\.$/, "");
  return name !== "" && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

function within(host: string, network: string, bits: number): boolean {
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || !(bits >= 0 && bits <= (version === 4 ? 32 : 128))) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}
