import {
  type Agent,
  type CallerRequest,
  complete,
  type Fields,
  fieldsOf,
  metaOf,
  type Outcome,
  type StandIn,
} from "./sign-in-answers.ts";

/** A login that waits for a person. */
export interface PendingLogin {
  /** Public: names it in `elicitationId` and `requestState`. */
  readonly id: string;
  /** Where it is done: http(s), nothing secret in it (MCP-S5). */
  readonly address: string;
  /** The same, with the code filled in, where there is such an address. */
  readonly addressWithCode?: string;
  readonly code?: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Why a person is needed. */
export interface Need {
  /** A step-up: what the login will ask for beside what is granted. */
  readonly scopes?: readonly string[];
  /** Absent: none could be begun. */
  readonly login?: PendingLogin;
  /** Then: why not, and what to do; a sentence without its full stop. */
  readonly problem?: string;
  /** Why the login before it came to nothing, likewise. */
  readonly before?: string;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** MCP-S5: why no agent may send a person to where a login is done, as a `problem`; undefined: it may. */
export function addressProblem({ address, addressWithCode = address }: PendingLogin): string | undefined {
  const isFit = [address, addressWithCode].every((one) => {
    const url = URL.parse(one);
    return url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  });
  return isFit
    ? undefined
    : "the page to sign in at is not https, so nobody is sent there: its operator must mend that";
}

/** Signs a text, so that nobody else can have written it; base64url. */
export type Mac = (text: string) => string;

const CALLS = new Set(["tools/call", "prompts/get", "resources/read"]);

/** `InputRequiredResult` exists for these alone (MCP 2026-07-28 basic/patterns/mrtr); any other request gets an error. */
const mayAsk = ({ method }: CallerRequest, { asksByUrl }: Agent) => asksByUrl && CALLS.has(method);

/** MCP-S4: the answer to a request that needs a person, by the table of section 7. */
export function signInAnswer(request: CallerRequest, agent: Agent, standIn: StandIn, need: Need, mac: Mac): Outcome {
  const { login } = need;
  if (login && mayAsk(request, agent)) {
    if (agent.era === "modern") return inputRequired(request, standIn, need, login, mac);
    return {
      error: {
        code: -32042,
        message: `${purpose(standIn, need)} first.`,
        data: { elicitations: [elicitation(standIn, need, login)] },
      },
    };
  }
  return sayInText(request, agent, standIn, textOf(standIn, need), login);
}

/** A text for the agent to show: a tool's result, else an error. */
export function sayInText(
  request: CallerRequest,
  agent: Agent,
  standIn: StandIn,
  text: string,
  login?: PendingLogin,
): Outcome {
  if (request.method === "tools/call")
    return complete(agent, { content: [{ type: "text", text }], isError: true }, standIn);
  const data = { coatcheck: { reason: "sign_in_required", ...(login && { sign_in: promptOf(login) }) } };
  return { error: { code: -32603, message: text, data } };
}

/** What the tool `sign_in` says: `waiting` with an address and a code is what was asked for, and no error. */
export function signInToolAnswer(agent: Agent, standIn: StandIn, need: Need): Outcome {
  const isError = need.login === undefined;
  const text = isError
    ? textOf(standIn, need)
    : `${toldBefore(need)}${howTo(need.login)}, then call this tool again: it waits until that is done.`;
  return complete(agent, { content: [{ type: "text", text }], ...(isError && { isError }) }, standIn);
}

/** MCP-S3: `account` as its provider names it, where it does. */
export function signedInAnswer(agent: Agent, standIn: StandIn, account?: string): Outcome {
  const text = `Signed in to ${standIn.server}${account === undefined ? "" : ` as ${account}`}. Its tools can be used now.`;
  return complete(agent, { content: [{ type: "text", text }] }, standIn);
}

/** Not yet, and nobody waits longer in one call. */
export function stillWaiting(standIn: StandIn, need: Need): string {
  return need.login
    ? `Still not signed in to ${standIn.server}. ${howTo(need.login)}, then call this tool again.`
    : textOf(standIn, need);
}

/** What the agent sent back says that the person will not. */
export function notSignedIn({ server }: StandIn): string {
  return `Not signed in to ${server}: the sign-in was declined. Call the tool again when the person wants to.`;
}

function purpose({ server }: StandIn, { scopes = [] }: Need): string {
  return scopes.length === 0 ? `Sign in to ${server}` : `Sign in to ${server} again, to allow ${scopes.join(", ")}`;
}

function textOf(standIn: StandIn, need: Need): string {
  const { server } = standIn;
  const { scopes = [], login, problem = "no login could be begun" } = need;
  const state =
    scopes.length === 0 ? `Not signed in to ${server}` : `${server} wants more access for this: ${scopes.join(", ")}`;
  return login ? `${state}. ${toldBefore(need)}${howTo(login)}, then call this tool again.` : `${state}: ${problem}.`;
}

function toldBefore({ before }: Need): string {
  return before === undefined ? "" : `The last login came to nothing: ${before}. `;
}

function howTo({ address, addressWithCode, code }: PendingLogin): string {
  return code === undefined ? `Open ${addressWithCode ?? address}` : `Open ${address} and type ${code}`;
}

/** What the person sees in the agent, and the address that it opens. */
export function elicitation(standIn: StandIn, need: Need, login: PendingLogin): Fields {
  return { ...question(standIn, need, login), elicitationId: login.id };
}

function question(standIn: StandIn, need: Need, { address, addressWithCode, code }: PendingLogin): Fields {
  const message = `${purpose(standIn, need)}.${code === undefined ? "" : ` Code: ${code}`}`;
  return { mode: "url", url: addressWithCode ?? address, message };
}

function promptOf({ address, addressWithCode, code, expiresAt }: PendingLogin): Fields {
  return {
    url: addressWithCode ?? address,
    ...(code !== undefined && { code }),
    expires_at: new Date(expiresAt).toISOString(),
  };
}

const INPUT = "sign_in";

function inputRequired(request: CallerRequest, standIn: StandIn, need: Need, login: PendingLogin, mac: Mac): Outcome {
  return {
    result: {
      resultType: "input_required",
      requestState: stateText(request, login, mac),
      inputRequests: { [INPUT]: { method: "elicitation/create", params: question(standIn, need, login) } },
      _meta: metaOf(standIn),
    },
  };
}

/** Of ours, and no server's. */
const STATE = "coatcheck-sign-in";

function stateText(
  request: CallerRequest,
  { id, expiresAt }: Pick<PendingLogin, "id" | "expiresAt">,
  mac: Mac,
): string {
  return [STATE, id, String(expiresAt), mac(boundTo(request, id, expiresAt))].join(".");
}

/** A state is of one login, and of one call: a method, and the name or address that it calls. */
function boundTo({ method, params = {} }: CallerRequest, id: string, expiresAt: number): string {
  return JSON.stringify([STATE, id, expiresAt, method, params.name ?? params.uri ?? ""]);
}

/** A call that comes again with what the person answered. */
export interface SignInRetry {
  /** `id` of its login. */
  readonly login: string;
  readonly isOver: boolean;
  readonly action: "accept" | "decline" | "cancel";
  /** The call itself: what was added for the sign-in is not the server's to see. */
  readonly request: CallerRequest;
}

/** Undefined: the request brings no state of ours, or one that somebody else made. */
export function signInRetry(
  request: CallerRequest,
  now: number,
  mac: Mac,
  same: (a: string, b: string) => boolean,
): SignInRetry | undefined {
  const { requestState, inputResponses, ...params } = request.params ?? {};
  if (typeof requestState !== "string") return undefined;
  const [prefix, login = "", until = "", ...rest] = requestState.split(".");
  const expiresAt = Number(until);
  if (prefix !== STATE || !same(rest.join("."), mac(boundTo(request, login, expiresAt)))) return undefined;
  const { action } = fieldsOf(fieldsOf(inputResponses)[INPUT]);
  return {
    login,
    isOver: expiresAt <= now,
    action: action === "decline" || action === "cancel" ? action : "accept",
    request: { ...request, params },
  };
}

/** What is told when somebody has signed in: the lists are other ones now. */
export const LISTS_CHANGED = [
  "notifications/tools/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
] as const;

/** To agents that were given `elicitationId` (legacy), the login being approved. */
export function elicitationComplete({ id }: Pick<PendingLogin, "id">): Fields {
  return { jsonrpc: "2.0", method: "notifications/elicitation/complete", params: { elicitationId: id } };
}
