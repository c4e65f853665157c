import { isEndpoint } from "../endpoint.ts";

/** What a person may call an API server by (matrix.md MX-D1). */
export type ServerAddress =
  | {
      readonly kind: "name";
      /** As in the name: with its port. */
      readonly name: string;
      /** Without it; an IPv6 address in brackets. */
      readonly host: string;
    }
  | { readonly kind: "url"; readonly baseUrl: string };

/** Longer is no DNS name with a port. */
const LONGEST = 300;

/** DNS name, IPv4 address or bracketed IPv6 address, and a port. */
const SERVER_NAME =
  /^((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i;

/** `@local:server`, a server name, or a base URL; undefined for anything else. */
export function parseServerInput(text: string, allowHttp: boolean): ServerAddress | undefined {
  const input = text.trim();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(input)) return baseUrl(input, allowHttp);
  const colon = input.indexOf(":");
  if (!input.startsWith("@")) return serverName(input);
  return colon < 0 ? undefined : serverName(input.slice(colon + 1));
}

function serverName(text: string): ServerAddress | undefined {
  const [, host, port] = text.length > LONGEST ? [] : (SERVER_NAME.exec(text) ?? []);
  if (host === undefined || Number(port ?? 1) > 65_535 || Number(port ?? 1) < 1) return undefined;
  // Another spelling of an address (`127.1`, `0x7f.1`) is a name to people and an address to URL.
  if (!URL.canParse(`https://${host}`) || new URL(`https://${host}`).hostname !== host.toLowerCase()) return undefined;
  return { kind: "name", name: text.toLowerCase(), host: host.toLowerCase() };
}

function baseUrl(text: string, allowHttp: boolean): ServerAddress | undefined {
  const url = asBaseUrl(text, allowHttp);
  return url === undefined ? undefined : { kind: "url", baseUrl: url };
}

/** MX-D3: one final slash removed, the path kept; undefined when it is no usable URL. */
export function asBaseUrl(text: unknown, allowHttp: boolean): string | undefined {
  if (!isEndpoint(text, allowHttp) || text.includes("?") || /[\s\\]/.test(text)) return undefined;
  return new URL(text).href.replace(/\/$/, "");
}
