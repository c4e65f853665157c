import { type Issued, issue } from "../../credential/index.ts";
import { isAccessToken, tokenExchangeRequest } from "../../protocol/token-exchange.ts";
import type { ExchangeInput } from "../broker.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Exchanged } from "../process/caches.ts";
import type { Context } from "../process/context.ts";
import { moment } from "../process/random.ts";
import { joinScopes } from "../server/operation.ts";
import { resolveServer } from "../server/resolve-server.ts";
import { type Flow, neverLate, refusalIn } from "./attempt.ts";
import { reasonOf } from "./refusal.ts";
import type { TokenResponse } from "./token-request.ts";

const PREFIX = "exchange failed: ";

/** A token exchange (RFC 8693) of a credential's access token; what is not obtained is thrown as a `BrokerError`. */
export function exchangeFlow(context: Context, mount: string, subject: Issued, input: ExchangeInput): Flow<Exchanged> {
  const { grant, accessToken: subjectToken } = subject;
  const { scopes, audiences, resources } = input;
  return {
    prefix: PREFIX,
    secrets: [subjectToken],
    repeatable: () => true,
    server: (call) => resolveServer(context, mount, grant, call),
    unusable: ({ message, reason }) => Promise.reject(new BrokerError("wait", message, { reason, retryAfter: 60 })),
    request: (server, client, call) => {
      const scope = joinScopes(server, scopes);
      // For whom it shall be is the caller's to say, whatever the server's logins are for.
      const parameters = server.provider.parameters.filter(([name]) => name !== "audience" && name !== "resource");
      const asked = { subjectToken, audiences, resources, parameters, ...(scope !== "" && { scope }) };
      return tokenExchangeRequest(server.metadata, client, asked, call);
    },
    settle: async (meaning, server) => {
      if (meaning.kind !== "issued") throw exchangeRefusal(refusalIn(meaning));
      const { tokens, issue: issued } = meaning;
      if (!isAccessToken(tokens, server.provider.quirks.issuedTokenTypeOptional === true)) {
        const detail = { reason: "unexpected_token_type", credentialIssued: true } as const;
        throw invalid(`${PREFIX}unexpected issued_token_type`, detail);
      }
      const { maximumExpirySeconds: _, ...ofExchange } = grant;
      // An exchanged token has its subject's end (TX-05), and is no grant of its own.
      const { lives: __, ...ofAnswer } = issued;
      const made = issue({ ...ofExchange, scopes }, ofAnswer, moment(context));
      const { issuedTokenType } = tokens;
      return { issued: neverBeyond(made, subject), ...(issuedTokenType !== undefined && { issuedTokenType }) };
    },
    late: neverLate,
  };
}

function exchangeRefusal({ outcome, text }: TokenResponse): BrokerError {
  if (outcome.kind === "refused") {
    const { providerCode } = outcome.error;
    const reason = reasonOf(outcome.error);
    return new BrokerError("refused", text, { reason, providerError: providerCode, credentialIssued: true });
  }
  const retryAfter = "retryAfter" in outcome && outcome.retryAfter !== undefined ? outcome.retryAfter : 5;
  return new BrokerError("wait", text, { reason: "temporarily_unavailable", retryAfter });
}

/** TX-05: the exchanged token does not outlive its subject here. */
function neverBeyond(made: Issued, subject: Issued): Issued {
  if (made.expiresAt === undefined || subject.expiresAt === undefined) return made;
  return { ...made, expiresAt: Math.min(made.expiresAt, subject.expiresAt) };
}
