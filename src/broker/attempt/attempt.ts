import type { Issue } from "../../credential/index.ts";
import type { Span } from "../../process/trace.ts";
import type { Call } from "../../protocol/client.ts";
import type { HttpResponse } from "../../protocol/response/http-response.ts";
import type { TokenSet } from "../../protocol/response/outcome.ts";
import type { Context } from "../process/context.ts";
import { withinLess } from "../process/door.ts";
import { commit } from "../record/commit.ts";
import type { Escrowed } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import { callTo, issuedTo, type ResolvedServer, ServerProblem } from "../server/resolve-server.ts";
import { tokenLives } from "../server/token-lives.ts";
import { identify } from "./identity.ts";
import { noteRefresh } from "./refreshed-as.ts";
import { requestTokens, responseOf, type TokenRequest, type TokenResponse } from "./token-request.ts";
import { type ExpectedLogin, type Foreign, isRefresh } from "./whose-login.ts";

/** What an answer turned out to be: tokens, tokens of somebody who was not asked for, or none. */
export type Meaning =
  | { readonly kind: "issued"; readonly issue: Issue; readonly tokens: TokenSet }
  | (Foreign & { readonly tokens: TokenSet })
  | { readonly kind: "refused"; readonly response: TokenResponse; readonly requestedAt: number };

/** One kind of attempt to obtain tokens: what is its own in the phases that all share. `End` is what its caller is told. */
export interface Flow<End> extends TokenRequest {
  /** The answer of an earlier attempt that was never settled. */
  readonly escrowed?: Escrowed | undefined;
  server(call: Call): Promise<ResolvedServer | ServerProblem>;
  unusable(problem: ServerProblem): Promise<End>;
  /** Ends the attempt before anything is sent; undefined: go on. */
  gate?(server: ResolvedServer): Promise<End> | undefined;
  /** How long the request may last; as long as the operation, if nothing is said. Seconds. */
  patience?(server: ResolvedServer): number | undefined;
  /** Puts a complete answer into escrow. */
  keep?(answer: HttpResponse, requestedAt: number): Promise<unknown>;
  /** Whose login it must be; absent where tokens are nobody's. */
  readonly login?: ExpectedLogin;
  /** Undefined: the row it is about has moved on. */
  settle(meaning: Meaning, server: ResolvedServer, call: Call): Promise<End | undefined>;
  late(meaning: Meaning): Promise<End>;
}

/** One attempt, in the order that never loses a token (ARCHITECTURE.md, invariants 2 to 5 and 7). */
export function attempt<End>(context: Context, flow: Flow<End>, within: Call): Promise<End> {
  return context.trace.span("attempt", "internal", (span) => phases(context, flow, within, span));
}

async function phases<End>(context: Context, flow: Flow<End>, within: Call, span: Span): Promise<End> {
  // 1. What came before a crash.
  const { escrowed } = flow;
  span.set({ "coatcheck.escrowed": escrowed !== undefined });
  // 2. Which server; a problem is a value.
  const server = await flow.server(within);
  if (server instanceof ServerProblem) {
    span.set({ "coatcheck.result": server.reason });
    return flow.unusable(server);
  }
  span.set({ "coatcheck.server": server.name });
  const call = callTo(server, within);
  // 3. May it be sent now?
  const ended = escrowed ? undefined : flow.gate?.(server);
  if (ended !== undefined) {
    span.set({ "coatcheck.result": "not_tried" });
    return ended;
  }
  // 4. Send. The intent is durable, and the answer is in escrow before anybody parses it.
  const requestedAt = escrowed?.requestedAt ?? context.clock.now();
  const response = escrowed
    ? responseOf(server, escrowed.answer, flow)
    : await send(context, server, flow, requestedAt, call);
  span.note("answered");
  // 5. What does it mean?
  const meaning = await meaningOf(context, server, flow, { response, requestedAt }, call);
  span.set({ "coatcheck.result": resultOf(meaning) });
  // 6. Settle.
  const end = await flow.settle(meaning, server, call);
  // 7. What came too late is kept, or revoked.
  span.note(end === undefined ? "too late" : "settled");
  return end ?? flow.late(meaning);
}

function resultOf(meaning: Meaning): string {
  return meaning.kind === "refused" ? meaning.response.outcome.kind : meaning.kind;
}

function send<End>(
  context: Context,
  server: ResolvedServer,
  flow: Flow<End>,
  requestedAt: number,
  whole: Call,
): Promise<TokenResponse> {
  const keep = (answer: HttpResponse) => flow.keep?.(answer, requestedAt) ?? Promise.resolve();
  const request = (call: Call) => requestTokens(context, server, flow, call, keep);
  const patience = flow.patience?.(server);
  return patience === undefined ? request(whole) : withinLess(context, patience, whole, request);
}

async function meaningOf<End>(
  context: Context,
  server: ResolvedServer,
  { login, prefix }: Flow<End>,
  { response, requestedAt }: { response: TokenResponse; requestedAt: number },
  call: Call,
): Promise<Meaning> {
  const { outcome, secret } = response;
  if (outcome.kind !== "tokens") return { kind: "refused", response, requestedAt };
  const { oddities } = outcome;
  const lives = tokenLives(server, await commit(context, () => settingsOf(context, server.mount)));
  if (!login) {
    // OA-19: where tokens are nobody's login a refresh token is ignored.
    const { refreshToken: _, ...tokens } = outcome.tokens;
    return { kind: "issued", issue: { tokens, requestedAt, lives, ...issuedTo(server) }, tokens };
  }
  const tokens = { ...login.imported, ...outcome.tokens };
  const identified = await identify(context, server, { ...login, tokens, oddities, requestedAt }, call);
  if (identified.kind !== "issue") return { ...identified, text: prefix + identified.text, tokens };
  const issue = {
    ...identified.issue,
    ...issuedTo(server),
    lives,
    scopeNames: server.provider.quirks,
    ...(secret !== undefined && { secret }),
    ...(isRefresh(login) && { refreshedAs: noteRefresh(context, server) }),
  };
  return { kind: "issued", issue, tokens };
}

/** For flows whose tokens belong to no row. */
export function neverLate(): never {
  throw new Error("nothing can have moved on");
}

/** The refusal of a flow whose tokens are nobody's login. */
export function refusalIn(meaning: Exclude<Meaning, { kind: "issued" }>): TokenResponse {
  if (meaning.kind === "refused") return meaning.response;
  throw new Error("nobody's login was asked for");
}
