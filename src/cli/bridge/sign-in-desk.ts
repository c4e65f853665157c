import { type Fields, isFields, type Message, metaOf, type Request } from "../../mcp/message.ts";
import type { Agent, Outcome } from "../../mcp/sign-in-answers.ts";
import {
  elicitation,
  elicitationComplete,
  LISTS_CHANGED,
  type Need,
  notSignedIn,
  type PendingLogin,
  sayInText,
  signedInAnswer,
  signInAnswer,
  signInRetry,
  signInToolAnswer,
  stillWaiting,
} from "../../mcp/sign-in-calls.ts";
import { systemClock } from "../../process/clock.ts";
import type { SignInNeeded, Write } from "./server/bridge-types.ts";
import { progressOf, type SigningIn } from "./signing-in.ts";
import type { StandIns } from "./stand-in.ts";

/** Between two signs of life. Milliseconds. */
const PROGRESS_MS = 10_000;

/** Section 7: what an agent is answered while a person is needed. */
export class SignInDesk {
  readonly #standIns: StandIns;
  readonly #signingIn: SigningIn;
  readonly #write: Write;
  /** Logins that legacy agents were told of by an id. */
  readonly #told = new Set<string>();
  /** Questions that the agent has not answered yet, by the login. */
  readonly #asked = new Map<string, AbortController>();
  #need: Need | undefined;
  /** Nobody has signed in, as far as is known. */
  isSignedOut = false;

  constructor(standIns: StandIns, signingIn: SigningIn, write: Write) {
    this.#standIns = standIns;
    this.#signingIn = signingIn;
    this.#write = write;
  }

  /** The tool of ours: the server has none of that name. */
  isSignInTool({ method, params }: Request): boolean {
    return method === "tools/call" && params?.name === this.#standIns.tool;
  }

  /** MCP-S1, MCP-S2, MCP-S4: a request that the server did not want without a login. */
  async answer(request: Request, { scopes, reason }: SignInNeeded): Promise<Outcome> {
    if (scopes === undefined) this.isSignedOut = true;
    const outcome = scopes === undefined ? this.#standIns.signedOut(request) : undefined;
    if (outcome) return outcome;
    const agent = this.#standIns.agent(request);
    const need = await this.#begin(scopes, reason);
    const { mac } = await this.#signingIn.crypto();
    const answer = signInAnswer(request, agent, this.#standIns.standIn, need, mac);
    if (need.login && agent.era === "legacy" && "error" in answer) this.#told.add(need.login.id);
    return answer;
  }

  async #begin(scopes: readonly string[] = [], reason = ""): Promise<Need> {
    this.#need = await this.#signingIn.need(scopes, reason);
    return this.#need;
  }

  /** MCP-S3: the tool `sign_in`. */
  async signIn(request: Request, signal: AbortSignal, ask: (question: Fields, id: string) => void): Promise<Outcome> {
    const { standIn } = this.#standIns;
    const agent = this.#standIns.agent(request);
    if (!this.isSignedOut && this.#signingIn.isHeld) return signedInAnswer(agent, standIn, this.#signingIn.account);
    const isFirst = !this.#signingIn.isUnderWay;
    const need = await this.#begin();
    if (!need.login) return signInToolAnswer(agent, standIn, need);
    if (agent.asksByUrl && agent.era === "modern") {
      const { mac } = await this.#signingIn.crypto();
      return signInAnswer(request, agent, standIn, need, mac);
    }
    if (isFirst && !agent.asksByUrl) return signInToolAnswer(agent, standIn, need);
    if (!isFirst) return this.#waited(request, agent, need, signal);
    const { id } = need.login;
    const unwilling = new AbortController();
    this.#told.add(id);
    this.#asked.set(id, unwilling);
    ask(elicitation(standIn, need, need.login), id);
    return this.#waited(request, agent, need, signal, unwilling.signal).finally(() => this.#asked.delete(id));
  }

  /** What the agent answered to a question of ours: where it cannot ask its person, or they will not, nobody waits for them. */
  answered({ id, error, result }: Message): void {
    const unwilling = this.#asked.get(String(id));
    const { action } = isFields(result) ? result : {};
    if (action === "decline" || action === "cancel") unwilling?.abort("declined");
    else if (error !== undefined) unwilling?.abort("error");
  }

  async #waited(
    request: Request,
    agent: Agent,
    need: Need,
    signal: AbortSignal,
    unwilling = new AbortController().signal,
  ): Promise<Outcome> {
    const { standIn } = this.#standIns;
    const stop = this.#showProgress(request);
    const isApproved = await this.#signingIn.wait(AbortSignal.any([signal, unwilling])).finally(stop);
    if (isApproved) return signedInAnswer(agent, standIn, this.#signingIn.account);
    if (unwilling.reason === "declined") return sayInText(request, agent, standIn, notSignedIn(standIn));
    return this.#notYet(request, agent, need);
  }

  /** It still waits, or has come to nothing: then nobody is sent to its address any more. */
  #notYet(request: Request, agent: Agent, need: Need): Outcome {
    const { standIn } = this.#standIns;
    const { failure } = this.#signingIn;
    const now = failure === undefined ? need : { problem: failure };
    return sayInText(
      request,
      agent,
      standIn,
      stillWaiting(standIn, now),
      failure === undefined ? need.login : undefined,
    );
  }

  #showProgress(request: Request): () => void {
    const token = metaOf(request).progressToken;
    if (token === undefined) return () => {};
    let [count, cancel] = [0, () => {}];
    const again = () => {
      cancel = systemClock.after(PROGRESS_MS, () => {
        count += PROGRESS_MS / 1_000;
        void this.#write(JSON.stringify(progressOf(token, count)));
        again();
      });
    };
    again();
    return () => cancel();
  }

  /** Whether a call brings a state of ours. */
  isRetry({ params }: Request): boolean {
    const { requestState } = params ?? {};
    return typeof requestState === "string" && requestState.startsWith("coatcheck-sign-in.");
  }

  /**
   * MCP-S4: a call that comes back with what the person answered to the address. The outcome, or the call as it goes to the
   * server: without what was added for the sign-in.
   */
  async retried(request: Request, signal: AbortSignal): Promise<Outcome | Request> {
    const { mac, same } = await this.#signingIn.crypto();
    const retry = signInRetry(request, systemClock.wall(), mac, same);
    const { requestState: _state, inputResponses: _answers, ...params } = request.params ?? {};
    const plain: Request = { ...request, params };
    // Of a bridge that ran before this one: the call is one like any other.
    if (!retry) return plain;
    const agent = this.#standIns.agent(request);
    const { standIn } = this.#standIns;
    if (retry.action !== "accept") return sayInText(request, agent, standIn, notSignedIn(standIn));
    const isApproved = !this.#signingIn.isUnderWay || (await this.#signingIn.wait(signal));
    if (!isApproved) return this.#notYet(request, agent, this.#need ?? {});
    return params.name === this.#standIns.tool ? signedInAnswer(agent, standIn, this.#signingIn.account) : plain;
  }

  end(): void {
    this.#signingIn.end();
  }

  /** Somebody has signed in. `isLegacy`: the agent hears of changes by itself. */
  async signedIn(login: PendingLogin | undefined, isLegacy: boolean): Promise<void> {
    this.isSignedOut = false;
    if (!isLegacy) return;
    if (login && this.#told.delete(login.id)) await this.#write(JSON.stringify(elicitationComplete(login)));
    for (const method of LISTS_CHANGED) await this.#write(JSON.stringify({ jsonrpc: "2.0", method }));
  }
}

/** `elicitation/create` of ours, for the tool itself. */
export function urlQuestion(id: string, params: Fields): Message {
  return { jsonrpc: "2.0", id, method: "elicitation/create", params };
}
