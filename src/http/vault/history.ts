import { HistoryData, isName, rfc3339 } from "../../api/index.ts";
import type { Broker, CredentialHistory, CredentialState } from "../../broker/broker.ts";
import type { Reply } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { pendingFields } from "../answer/errors.ts";
import { badRequest, notFound } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { keyInfo } from "./list.ts";
import type { MountRoutes } from "./mount-routes.ts";

const TAG = "creds";

/** What lies below a credential: its history to read, and `retry` to write. No credential's name may end like that. */
const BELOW = { history: "/history", retry: "/retry" } as const;

/** The credential a path below it belongs to; undefined when it is the path of a credential itself. */
export function credentialAbove(path: string, below: keyof typeof BELOW): string | undefined {
  const suffix = BELOW[below];
  const name = path.slice(0, -suffix.length);
  return path.endsWith(suffix) && isName(name) ? name : undefined;
}

/** Throws for a name that could never be read again. */
export function requireFree(name: string): string {
  for (const suffix of Object.values(BELOW)) {
    if (name.endsWith(suffix))
      throw badRequest(`a name cannot end in "${suffix}", because that is a path below a credential`);
  }
  return name;
}

/** The paths of names without a slash; `creds` asks `credentialAbove` for the others, which the router cannot tell. */
export function history(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const url = `${at.root}/creds/:name`;
  app.get(`${url}${BELOW.history}`, {
    schema: describe({
      tag: TAG,
      summary: "Read what the credential is now, and its history; nothing is refreshed",
      querystring: NoParameters,
      data: HistoryData,
    }),
    handler: async (request, reply) => sendHistory(reply, broker, at.place(request), paramOf(request)),
  });
  app.route({
    method: WRITE,
    url: `${url}${BELOW.retry}`,
    schema: describe({ tag: TAG, summary: "Retry a failed grant once", body: NoParameters, empty: true }),
    handler: async (request, reply) => sendRetry(reply, broker, at.place(request), paramOf(request)),
  });
}

function paramOf({ params }: { readonly params: unknown }): string {
  return textsByName(params).name ?? "";
}

export async function sendHistory(reply: Reply, broker: Broker, mount: string, name: string): Promise<Reply> {
  const found = await broker.readHistory(mount, name);
  if (!found) throw notFound();
  return sendData(reply, historyData(found));
}

export async function sendRetry(reply: Reply, broker: Broker, mount: string, name: string): Promise<Reply> {
  await broker.retryCredential(mount, name);
  return sendDone(reply);
}

function historyData({ credential, attempts }: CredentialHistory): HistoryData {
  return {
    credential: stateData(credential),
    attempts: attempts.map(({ at, lastAt, count, kind, outcome, reason, instance }) => ({
      time: rfc3339(at),
      ...(lastAt !== undefined && { last_time: rfc3339(lastAt) }),
      ...(count !== undefined && { count }),
      kind,
      outcome,
      ...(reason !== undefined && { reason }),
      instance,
    })),
  };
}

function stateData(state: CredentialState): HistoryData["credential"] {
  const { text, providerError, issuedAt, scopes, refreshable, refreshEndsAt, retryable, pending, next } = state;
  return {
    ...(pending && pendingFields(pending)),
    ...keyInfo(state),
    ...(text !== undefined && { error_description: text }),
    ...(providerError !== undefined && { provider_error: providerError }),
    ...(issuedAt !== undefined && { issue_time: rfc3339(issuedAt) }),
    ...(scopes && { scopes: [...scopes] }),
    ...(refreshable !== undefined && { refreshable }),
    ...(refreshEndsAt !== undefined && { refresh_expire_time: rfc3339(refreshEndsAt) }),
    ...(retryable && { retryable }),
    ...(next && { next_task: next.task, next_time: rfc3339(next.at) }),
  };
}
