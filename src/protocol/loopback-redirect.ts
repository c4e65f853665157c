/** Where browsers come back to a broker on their own machine, if nothing else was registered (RFC 8252 7.3). */
export const LOOPBACK_REDIRECT = "http://127.0.0.1:8214/callback";

/** Other ports that are tried, one after the other: a login that comes again finds the one that it was registered with. */
const MORE_PORTS = 9;

/** The same redirect URI at the ports that come next, and at last at any that is free. */
export function atOtherPorts(uri: string): readonly string[] {
  const { port } = new URL(uri);
  const next = Array.from({ length: MORE_PORTS }, (_, index) => Number(port) + index + 1);
  return [...next, 0].map((other) => uri.replace(`:${port}`, `:${other}`));
}

/** A place of this machine that a redirect URI names. */
export interface LoopbackPlace {
  /** 0: any port that is free, for servers that do as RFC 8252 7.3 says. */
  readonly port: number;
  readonly path: string;
}

const HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** What can be listened at, a path that is no other address in any browser, and nothing beside them. */
const PLAIN = /^https?:\/\/[\w.:[\]-]+(\/[\w.~-]+)*\/?$/;

/** What is wrong with the redirect URI of a broker on a person's machine, as the end of a sentence; undefined = nothing. */
export function loopbackProblem(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (!url || !PLAIN.test(uri)) return "must be a URL like http://127.0.0.1:8214/callback, without query or fragment";
  if (url.protocol === "https:") return undefined;
  if (!HOSTS.has(url.hostname)) return "may be http only for 127.0.0.1, [::1] or localhost";
  return url.port === "" && !/:80(\/|$)/.test(uri) ? "must have a port (0: any that is free)" : undefined;
}

/** Where to listen for it; undefined for https, whose answer a person brings back by hand. */
export function loopbackPlace(uri: string): LoopbackPlace | undefined {
  const url = new URL(uri);
  return url.protocol === "http:" ? { port: Number(url.port || "80"), path: url.pathname } : undefined;
}

/** As it is registered: without a port that is chosen at each login (RFC 8252 7.3). */
export function registeredAs(uri: string): string {
  return uri.replace(/:0(?=\/|$)/, "");
}

/** The same redirect URI with the port that is listened at. */
export function atPort(uri: string, port: number): string {
  return uri.replace(/:0(?=\/|$)/, `:${port}`);
}
