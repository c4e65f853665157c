import type { Binding, Event } from "../../credential/index.ts";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import type { Context } from "../process/context.ts";
import { pinnedOf } from "./bind-home.ts";
import { ownMetadata } from "./metadata-cache.ts";
import type { ResolvedServer } from "./resolve-server.ts";

type Refused = Extract<Event, { type: "refused" }>;

/**
 * A homeserver's copy of the metadata may be old (Synapse keeps it for the life of its process): when the token endpoint of a
 * login is not there, the issuer's own document says where it is now (matrix.md MX-D12). What stays at its hosts is taken
 * over; another host would get stored secrets, so it needs somebody's word (META-08).
 */
export async function whereMoved(context: Context, server: ResolvedServer, event: Refused, call: Call): Promise<Event> {
  const { outcome, text, doubt } = event;
  const { binding } = server;
  const isAbsent = outcome.kind === "unavailable" && (outcome.status === 404 || outcome.status === 405);
  if (!binding || !isAbsent) return event;
  const metadata = await ownMetadata(context, binding.metadata, call);
  if (!metadata || !differs(binding.metadata, metadata)) return event;
  const strange = strangeOrigin(server, binding, metadata);
  if (strange === undefined) return { ...event, metadata: pinnedOf(metadata) };
  const advice = server.provider.home?.fixed ? "write the server again to agree" : "sign in again to agree";
  const told = `${text}; the authorization server's endpoints moved to ${strange}: ${advice}`;
  return { type: "server-unusable", reason: "server_misconfigured", text: told, doubt };
}

/** Those that are sent secrets of a login. */
const SECRET = ["token_endpoint", "revocation_endpoint"] as const;

function differs(before: AuthorizationServer, after: AuthorizationServer): boolean {
  return after.token_endpoint !== undefined && SECRET.some((name) => after[name] !== before[name]);
}

/** An origin that this login never had, and that nobody agreed to by writing the server again. */
function strangeOrigin({ record }: ResolvedServer, { metadata }: Binding, after: AuthorizationServer) {
  const known = [...originsOf(metadata), record.tokenOrigin];
  return originsOf(after).find((origin) => !known.includes(origin));
}

function originsOf(metadata: AuthorizationServer): readonly string[] {
  return SECRET.flatMap((name) => metadata[name] ?? []).map((url) => new URL(url).origin);
}
