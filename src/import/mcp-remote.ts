import { serverNameOf } from "../mcp/server-name.ts";
import { type Found, objectIn, textOf } from "./found.ts";

/** What mcp-remote keeps for one server: `HASH_client_info.json` and `HASH_tokens.json`. */
export interface RemoteFiles {
  /** The MCP server's address, which the files do not name: their names have its MD5. */
  readonly url: string;
  /** The authorization server that somebody named, or that the MCP server names today (RFC 9728). */
  readonly issuer: string;
  /** A person named it. */
  readonly isGiven?: boolean;
  readonly clientInfo: string;
  readonly tokens?: string;
}

/** A client that mcp-remote registered, and the grant that it has. */
export function fromMcpRemote({ url, issuer, isGiven = false, clientInfo, tokens }: RemoteFiles): Found {
  const name = serverNameOf(url);
  const client = objectIn(clientInfo, "mcp-remote's client_info.json");
  const given = tokens === undefined ? {} : objectIn(tokens, "mcp-remote's tokens.json");
  const refreshToken = textOf(given.refresh_token);
  const next = ["coatcheck", "login", url];
  const stays = strangeIssuer({ url, issuer, isGiven }, [client, given]);
  if (stays) return { servers: [], logins: [], left: [{ what: `login at ${url}`, next, ...stays }] };
  const clientId = textOf(client.client_id);
  const secret = textOf(client.client_secret);
  const method = textOf(client.token_endpoint_auth_method);
  const scopes = textOf(given.scope)?.split(/\s+/);
  const why = refreshToken ? "its client has no client_id" : "it has no refresh token";
  return {
    servers: [
      {
        name,
        record: {
          provider: "mcp",
          ...(clientId !== undefined && { client_id: clientId }),
          ...(secret !== undefined && { client_secret: secret }),
          ...(method !== undefined && { token_endpoint_auth_method: method }),
          provider_options: { url, issuer },
        },
        ...(scopes && { scopes }),
        note: "its client is registered for a redirect URI on your own machine: a later login needs the device grant, or a client of its own",
      },
    ].filter(() => clientId !== undefined),
    logins: clientId !== undefined && refreshToken !== undefined ? [{ name, server: name, refreshToken }] : [],
    left: clientId !== undefined && refreshToken !== undefined ? [] : [{ what: `login at ${url}`, why, next }],
  };
}

/** A slash at the end is no other issuer: older versions of its library wrote one. */
function isSame(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}

/** Secrets go to nobody but who gave them: why neither the client's nor the refresh token is taken over; undefined: they may be. */
function strangeIssuer(
  { url, issuer, isGiven }: { readonly url: string; readonly issuer: string; readonly isGiven: boolean },
  files: readonly Readonly<Record<string, unknown>>[],
): { readonly why: string; readonly next?: readonly string[] } | undefined {
  const recorded = files.flatMap((file) => textOf(file.issuer) ?? []);
  const other = recorded.find((one) => !isSame(one, issuer));
  if (other !== undefined)
    return { why: `mcp-remote has it from ${other}, and ${isGiven ? "--issuer" : "the server"} names ${issuer} now` };
  const hasSecret = files.some(
    (file) => textOf(file.refresh_token) !== undefined || textOf(file.client_secret) !== undefined,
  );
  if (isGiven || recorded.length > 0 || !hasSecret) return undefined;
  const why = `its files do not say who gave it; the server names ${issuer} now: say so if that is who did`;
  return { why, next: ["coatcheck", "server", "import", "mcp-remote", url, "--issuer", issuer] };
}

/** Files of servers whose address nobody gave. */
export function unnamedRemotes(hashes: readonly string[]): Found {
  const left = hashes.map((hash) => ({
    what: `${hash}_tokens.json`,
    why: "the file does not say whose it is, only the MD5 of the server's address",
    next: ["coatcheck", "server", "import", "mcp-remote", "https://ADDRESS"],
  }));
  return { servers: [], logins: [], left };
}
