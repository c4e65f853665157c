import { BrokerError } from "../errors.ts";
import type { Context } from "../process/context.ts";
import type { ConfiguredServer } from "./resolve-server.ts";
import { clientsOf } from "./server-record.ts";

/**
 * Whether an API server is only what a caller says: the server record lets a pattern decide, and a program without a token has
 * named it. What an operator lists by its name is the operator's, private addresses included.
 */
export function isStrangers({ provider: { apiServer } }: ConfiguredServer): boolean {
  return apiServer !== undefined && !apiServer.listed;
}

/** Characters of the reason in the log: a stranger chose some of them. */
const LONGEST = 500;

/**
 * What a stranger is told of all that goes wrong at a host of their choice, in the same words (threats.md section 3, step 6): the
 * log has the reason. What the broker itself refuses (limits, an option) is not meant.
 */
export function toldAlike(context: Context, { mount, name, provider }: ConfiguredServer, error: unknown): unknown {
  if (!(error instanceof BrokerError) || (error.kind !== "repeat" && error.kind !== "refused")) return error;
  context.log.warn("stranger_failed", { mount, server: name, cause: error.message.slice(0, LONGEST) });
  const noun = provider.apiServer?.ladder.noun ?? "server";
  const text = `no login can be begun at this ${noun}: it cannot be reached, or does not answer as a login needs`;
  return new BrokerError("repeat", text, { reason: "temporarily_unavailable" });
}

/** A client's secret that would go to whatever host a stranger names. Throws `BrokerError`. */
export function requireNoSecret(context: Context, server: ConfiguredServer): void {
  if (server.record.clientId === "") return;
  const isPublic = clientsOf(server.record).clients.every(({ authentication }) => authentication.method === "none");
  const cause = "the client's secret is for servers that an operator names: list them in the server record";
  if (!isPublic) throw toldAlike(context, server, new BrokerError("refused", cause));
}
