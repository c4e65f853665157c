import type { Issued } from "../../credential/index.ts";
import type { AuthorizationServer, Call } from "../../protocol/client.ts";
import { DiscoveryError, shownUrl } from "../../protocol/discovery-error.ts";
import type { Claimed } from "../../store/port.ts";
import { settleOrRelease } from "../attempt/of-credential.ts";
import type { Context } from "../process/context.ts";
import { whileHeld } from "../process/lease.ts";
import { openCredential } from "../record/records.ts";
import { hashOfToken } from "../record/token-hash.ts";
import { locate } from "../server/metadata-cache.ts";
import { callTo, configuredServer, resolveServer, ServerProblem } from "../server/resolve-server.ts";

/** Of a look that only ever keeps something from being sent; the lease must last for the refresh behind it. Seconds. */
const LOOK_S = 5;

/**
 * MCP-R4: an API refused a claimed credential's token. Before its refresh token goes anywhere the API's own document is read again:
 * where that names other authorization servers than the one that issued it, the grant ends, and nothing is sent. True: so it was.
 * Trouble on the way says nothing.
 */
export async function endedAtIssuer(context: Context, claimed: Claimed, hash: string): Promise<boolean> {
  const { row } = claimed;
  const state = openCredential(context, row);
  // Who came first may have brought another token, or its answer waits in escrow.
  const isRefused = state.status === "issued" && row.escrow === null && hashOfToken(state.accessToken) === hash;
  if (!isRefused || state.trouble?.kind === "dead" || !(await isAdapting(context, row.mount, state))) return false;
  const text = await whileHeld(context, claimed, LOOK_S, (call) => whyEnded(context, row.mount, state, call));
  if (text === undefined) return false;
  await settleOrRelease(context, { claimed, state, kind: "refresh" }, { type: "issuer-left", text });
  return true;
}

/** Whether its API says itself which authorization server it has. */
async function isAdapting(context: Context, mount: string, { grant }: Issued): Promise<boolean> {
  const server = await configuredServer(context, mount, grant);
  return !(server instanceof ServerProblem) && server.provider.apiServer?.adapts === true;
}

async function whyEnded(context: Context, mount: string, { grant }: Issued, call: Call): Promise<string | undefined> {
  const server = await resolveServer(context, mount, grant, call);
  if (server instanceof ServerProblem) return undefined;
  const { metadata, provider } = server;
  const { apiServer } = provider;
  if (!apiServer?.adapts) return undefined;
  try {
    const { resource } = await locate(context, apiServer, callTo(server, call), { fresh: true });
    const { issuers } = resource ?? {};
    if (!issuers || isNamed(metadata, [...issuers, apiServer.hints.issuer])) return undefined;
    const now = issuers.map(shownUrl).join(" or ");
    return `sign in again: ${new URL(apiServer.name).host} takes no more tokens of ${metadata.issuer}: its authorization server is ${now} now`;
  } catch (error) {
    if (error instanceof DiscoveryError) return undefined;
    throw error;
  }
}

/** Of a server without metadata nobody knows the issuer: its token endpoint stands for it (MCP-D7). */
function isNamed({ issuer, token_endpoint }: AuthorizationServer, issuers: readonly (string | undefined)[]): boolean {
  return issuers.includes(issuer) || issuer === token_endpoint;
}
