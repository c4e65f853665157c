import type { AuthorizationServer, Call, Client } from "../../../protocol/client.ts";
import { exchange } from "../../../protocol/endpoint.ts";
import { applyQuirks } from "../../../protocol/quirks.ts";
import { refreshTokenRequest } from "../../../protocol/refresh-token.ts";
import type { TokenOutcome } from "../../../protocol/response/outcome.ts";
import { oauthErrorText, processTokenResponse, withoutSecrets } from "../../../protocol/response/token-response.ts";
import { TransportError } from "../../../protocol/response/transport-error.ts";
import { type Expanded, metadataForRefresh } from "../../../providers/index.ts";
import type { TrialStep, TriedExchange } from "../../server-trial.ts";
import { secretsToMask } from "./mask.ts";
import type { Recorder } from "./recording.ts";

/** No server has issued it, and nobody needs to hide it. */
const MADE_UP = "coatcheck-made-up-to-test-the-connection";

/** Secrets, each by one way to authenticate: of more a server may think that somebody guesses. */
const MOST_CLIENTS = 4;

/** What is known of the server where its client is tried. */
export interface Known {
  readonly provider: Expanded;
  readonly metadata: AuthorizationServer;
  readonly clients: readonly Client[];
  /** The same by its other way to authenticate. */
  readonly others: readonly Client[];
}

/**
 * Asks for tokens with a refresh token that was made up. RFC 6749 5.2: whoever does not know the client says `invalid_client`; whoever
 * does says `invalid_grant`, and nobody has to sign in for it.
 */
export async function askAsClient(known: Known, recorder: Recorder): Promise<TrialStep> {
  const all = [...known.clients, ...known.others];
  const exchanges: TriedExchange[] = [];
  let told: Told = { verdict: "skipped", text: "" };
  for (const client of all.slice(0, MOST_CLIENTS)) {
    told = await askOnce(known, client, recorder.call);
    exchanges.push(...recorder.taken(secretsToMask(client), [MADE_UP]));
    // The next secret is for a client that is not known by this one.
    if (!told.isUnknown) break;
  }
  const untried = all.length - MOST_CLIENTS;
  const { verdict, text } = told;
  const isAll = untried <= 0 || !told.isUnknown;
  return { step: "client", verdict, text: isAll ? text : `${text} ${untried} more were not tried.`, exchanges };
}

interface Told extends Pick<TrialStep, "verdict" | "text"> {
  readonly isUnknown?: true;
}

async function askOnce({ provider, metadata }: Known, client: Client, call: Call): Promise<Told> {
  const as = metadataForRefresh(provider, metadata);
  const answer = await exchange(refreshTokenRequest(as, client, MADE_UP, call, provider.parameters));
  if (answer instanceof TransportError) return { verdict: "bad", text: NO_ANSWER };
  return told(processTokenResponse(applyQuirks(answer, provider.quirks)), client);
}

const NO_ANSWER = "The token endpoint gave no answer that can be used. Without one nobody can sign in here.";

function told(outcome: TokenOutcome, client: Client): Told {
  if (outcome.kind === "tokens") return { verdict: "unclear", text: GAVE_TOKENS };
  if (outcome.kind === "unavailable" || outcome.kind === "ambiguous")
    return { verdict: "unclear", text: `The answer is no verdict: ${outcome.text}. ${LATER}` };
  const { code } = outcome.error;
  const safe = withoutSecrets(outcome.error, [...secretsToMask(client), MADE_UP]);
  if (code === "invalid_client") return { verdict: "bad", text: UNKNOWN, isUnknown: true };
  const means = MEANS.get(code);
  return means ?? { verdict: "unclear", text: `The server says: ${oauthErrorText(safe)}. ${NO_WORD}` };
}

const LATER =
  "Look at the answer below: an address that is not the token endpoint, or a server in trouble. Try it again.";

const NO_WORD = "That says nothing about the client. Only a login shows whether it is known.";

const UNKNOWN =
  "invalid_client: the server does not know the client id, or not by this secret or this way to authenticate. Compare all three with what the provider shows; a secret may have ended.";

const GAVE_TOKENS =
  "The server gave tokens for a refresh token that was made up just now. This is no server to trust with a login, or something that only plays one.";

const MEANS: ReadonlyMap<string, Told> = new Map<string, Told>([
  [
    "invalid_grant",
    {
      verdict: "good",
      text: "invalid_grant, as it should be: the server refused the refresh token, which was made up, and not the client. Most servers look at the client first; one that does not would say the same of any client.",
    },
  ],
  [
    "unauthorized_client",
    {
      verdict: "bad",
      text: "unauthorized_client: the server knows the client, and does not let it use refresh tokens. Allow this grant at the provider, or logins end with their first access token.",
    },
  ],
  [
    "unsupported_grant_type",
    {
      verdict: "unclear",
      text: `unsupported_grant_type: the server has no refresh tokens, so that logins end with their first access token. ${NO_WORD}`,
    },
  ],
  [
    "invalid_request",
    {
      verdict: "unclear",
      text: `invalid_request: some servers say this of a refresh token that they have not issued. ${NO_WORD}`,
    },
  ],
]);
