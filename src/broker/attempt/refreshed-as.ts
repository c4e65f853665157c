import type { Issued } from "../../credential/index.ts";
import type { Context } from "../process/context.ts";
import type { ResolvedServer } from "../server/resolve-server.ts";

/** As whom and where a server's refreshes are asked for: the form of the request, but for the tokens and secrets. */
function formOf({ metadata, clients: [client] }: ResolvedServer): string {
  return JSON.stringify([metadata.token_endpoint, client?.clientId, client?.authentication.method]);
}

/** A refresh has worked in this form, which is answered. */
export function noteRefresh({ caches }: Context, server: ResolvedServer): string {
  const form = formOf(server);
  caches.refreshedAs.set(form, 1);
  return form;
}

/**
 * Whether a refresh of this form has worked, for this grant ever or for others in this process (FC-03): then a refusal is not
 * about the server record.
 */
export function isProven({ caches }: Context, server: ResolvedServer, state: Issued): boolean {
  const form = formOf(server);
  return state.refreshedAs === form || caches.refreshedAs.has(form);
}
