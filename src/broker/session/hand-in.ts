import type { CodePending } from "../../credential/index.ts";
import { statusOf } from "../../session/index.ts";
import { receiveCallback } from "../credential/receive-callback.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { openReady } from "../server/operation.ts";
import type { SessionView } from "../sessions.ts";
import { readSession } from "./read-session.ts";
import { findSession } from "./session.ts";

/**
 * A person hands in by hand what their browser could not bring (MCP-L2): the address of the page that it could not open. Only
 * of the session's own login; what is no answer to that leaves it as it is. Throws `BrokerError`.
 */
export async function handInCallback(
  context: Context,
  mount: string,
  secret: string,
  pasted: string,
): Promise<SessionView> {
  const found = await findSession(context, mount, secret);
  const now = context.clock.now();
  const isRenewed = found.renewal && statusOf(found.renewal.state, now).kind === "pending";
  const status = statusOf((isRenewed ? found.renewal : found).state, now);
  if (status.kind !== "pending" || status.credential.flow !== "code" || status.credential.redirectUri === undefined) {
    throw invalid("this login does not wait for an address");
  }
  const parameters = await answerIn(context, mount, status.credential, pasted.replaceAll(/\s/g, ""));
  const result = await receiveCallback(context, mount, { parameters });
  if (result.again) throw new BrokerError("wait", sentence(result.text), { reason: "temporarily_unavailable" });
  if (!result.ok) throw invalid(sentence(result.text), { reason: "rejected" });
  return readSession(context, mount, secret);
}

/** The parameters of an authorization answer to this login's link. */
async function answerIn(
  context: Context,
  mount: string,
  { url, redirectUri, grant }: CodePending,
  pasted: string,
): Promise<URLSearchParams> {
  const link = new URL(url);
  const state = link.searchParams.get("state") ?? "";
  const address = URL.parse(pasted);
  if (!address) return bareCode(context, mount, grant, { code: pasted, state });
  if (address.origin === link.origin && address.pathname === link.pathname && !hasAnswer(address.searchParams)) {
    throw invalid(`this is the address to sign in at: open it, and paste the one that it leads to (${redirectUri}?…)`);
  }
  const query = hasAnswer(address.searchParams) ? address.searchParams : new URLSearchParams(address.hash.slice(1));
  if (!hasAnswer(query)) throw invalid(`the address has no answer in it: paste the whole one (${redirectUri}?…)`);
  if (query.get("state") !== state || query.getAll("state").length > 1) {
    throw invalid("the address is of another login, or not whole: paste the one that this login's address led to");
  }
  return query;
}

function hasAnswer(query: URLSearchParams): boolean {
  return query.has("code") || query.has("error");
}

/** RFC 6749 appendix A.11, without what no code has that people copy: blanks, quotes. */
const CODE = /^[\x21\x23-\x26\x28-\x7e]{4,2048}$/;

/** Nothing says whose it is, so it is taken only where no server says that (RFC 9207). */
async function bareCode(
  context: Context,
  mount: string,
  grant: CodePending["grant"],
  answer: { readonly code: string; readonly state: string },
): Promise<URLSearchParams> {
  if (!CODE.test(answer.code)) throw invalid("this is no address: paste the whole one, which begins with http");
  const { server } = await openReady(context, mount, grant);
  if (server.metadata.authorization_response_iss_parameter_supported === true) {
    throw invalid("this is a code without its address: paste the whole address, which says that it is this server's");
  }
  return new URLSearchParams(answer);
}

/** As an error has it: without the point at its end. */
function sentence(text: string): string {
  const first = text.charAt(0).toLowerCase();
  return `${first}${text.slice(1).replace(/\.$/, "")}`;
}
