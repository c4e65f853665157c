import { type ApiDialect, findProvider, PROVIDERS } from "../../providers/index.ts";
import { BrokerError } from "../errors.ts";
import type { ServerRecord } from "../server/server-record.ts";

/** How the API behind a server's proxy speaks; undefined: nothing is known of it. */
export function dialectOf({ provider, providerVersion }: ServerRecord): ApiDialect | undefined {
  return findProvider(provider, providerVersion)?.apiServer?.dialect;
}

/** By the path alone, where no session says which server is meant. */
export function dialectAt(tail: string): ApiDialect | undefined {
  return PROVIDERS.map(({ apiServer }) => apiServer?.dialect).find((one) => one && tail.startsWith(one.prefix));
}

/**
 * Without a token nothing is passed on. Programs of some APIs ask for a document that needs none, to see whether the API is
 * there at all (matrix-js-sdk after an outage): a refused token would be the end to them, "no such place" is an answer.
 */
export function nothingForwarded(): BrokerError {
  return new BrokerError("absent", "nothing is forwarded without a session: send its id as a Bearer token");
}

/** An error of the broker's, with what the API's own programs look at. */
export function inDialect(error: unknown, dialect: ApiDialect | undefined): unknown {
  if (!dialect || !(error instanceof BrokerError)) return error;
  const { kind, message, detail, fixedBy } = error;
  const isEnd =
    kind === "unauthenticated" || (kind === "refused" && detail.reason !== undefined && fixedBy === "person");
  const members = isEnd ? dialect.errors.ended : MEANT[kind] && dialect.errors[MEANT[kind]];
  return members ? new BrokerError(isEnd ? "unauthenticated" : kind, message, { ...detail, members }) : error;
}

const MEANT: Partial<Record<BrokerError["kind"], keyof ApiDialect["errors"]>> = {
  absent: "absent",
  limited: "limited",
  wait: "unavailable",
  repeat: "unavailable",
};
