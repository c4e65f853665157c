/** MCP-B11: an agent that speaks with `initialize`, and a server that speaks without: what each message becomes. */
import { LEGACY, META } from "../era.ts";
import { type Fields, isFields, type Message, metaOf, type Request } from "../message.ts";

/** What a legacy agent said in `initialize`, and later of its log. */
export interface LegacyAgent {
  readonly version: string;
  readonly info: Fields;
  readonly capabilities: Fields;
  readonly logLevel?: string;
}

const VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", LEGACY];

export function legacyAgentOf({ params = {} }: Message): LegacyAgent {
  const { protocolVersion, clientInfo, capabilities } = params;
  return {
    version: typeof protocolVersion === "string" && VERSIONS.includes(protocolVersion) ? protocolVersion : LEGACY,
    info: isFields(clientInfo) ? clientInfo : { name: "unknown", version: "0" },
    capabilities: isFields(capabilities) ? capabilities : {},
  };
}

/** The answer to `initialize`, out of the one to `server/discover`. */
export function initializeResult(agent: LegacyAgent, discovered: Fields): Fields {
  const { capabilities, instructions, _meta } = discovered;
  const info = isFields(_meta) ? _meta[META.server] : undefined;
  return {
    protocolVersion: agent.version,
    capabilities: isFields(capabilities) ? capabilities : {},
    serverInfo: isFields(info) ? info : { name: "unknown", version: "0" },
    ...(typeof instructions === "string" && { instructions }),
  };
}

/** What the agent can do, in modern words: tasks have become an extension, and a question is a form unless it says more. */
function capabilitiesOf({ capabilities }: LegacyAgent): Fields {
  const { tasks: _tasks, roots, elicitation, ...others } = capabilities;
  const asks = isFields(elicitation) && Object.keys(elicitation).length === 0 ? { form: {} } : elicitation;
  return { ...others, ...(isFields(roots) && { roots: {} }), ...(isFields(asks) && { elicitation: asks }) };
}

/** A request with what every modern one says itself. */
export function modernRequest(request: Request, agent: LegacyAgent, version: string): Request {
  const { params } = request;
  const meta = {
    ...metaOf(request),
    [META.version]: version,
    [META.client]: agent.info,
    [META.capabilities]: capabilitiesOf(agent),
    ...(agent.logLevel !== undefined && { [META.logLevel]: agent.logLevel }),
  };
  return { ...request, params: { ...params, _meta: meta } };
}

/** A result without what came with 2026-07-28. */
export function legacyResult(result: unknown): unknown {
  if (!isFields(result)) return result;
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...others } = result;
  return others;
}

/** A question of the server, by the name that it has in `inputRequests`. */
export interface Question {
  readonly key: string;
  readonly method: string;
  readonly params: Fields;
}

/** Questions of an `input_required`; undefined for any other result. */
export function questionsIn(result: unknown): readonly Question[] | undefined {
  if (!isFields(result) || result.resultType !== "input_required") return undefined;
  const { inputRequests } = result;
  return Object.entries(isFields(inputRequests) ? inputRequests : {}).map(([key, asked]) => {
    const { method, params } = isFields(asked) ? asked : {};
    return { key, method: typeof method === "string" ? method : "", params: isFields(params) ? params : {} };
  });
}

const NEEDED: Readonly<Record<string, string>> = {
  "elicitation/create": "elicitation",
  "sampling/createMessage": "sampling",
  "roots/list": "roots",
};

/** Whether the agent said that it answers this. */
export function mayBeAsked({ capabilities }: LegacyAgent, { method, params }: Question): boolean {
  const needed = capabilities[NEEDED[method] ?? ""];
  if (!isFields(needed)) return false;
  return method !== "elicitation/create" || params.mode !== "url" || isFields(needed.url);
}

/** As a request to the agent. `id` is ours, and names an address that is asked about as well. */
export function legacyQuestion({ version }: LegacyAgent, { method, params }: Question, id: string): Request {
  const { mode, ...others } = params;
  const isUrl = mode === "url";
  const asked = {
    // Modes came with 2025-11-25, where an address has an id.
    ...(version >= LEGACY && mode !== undefined && { mode }),
    ...others,
    ...(isUrl && { elicitationId: id }),
  };
  return { jsonrpc: "2.0", id, method, params: asked };
}

/** The call once more, with what the agent answered: of the same parameters, and under another id (mrtr, "Client Requirements"). */
export function answeredCall(call: Request, id: string, answers: Fields, required: unknown): Request {
  const { requestState } = isFields(required) ? required : {};
  const { requestState: _state, inputResponses: _answers, ...params } = call.params ?? {};
  const given = Object.keys(answers).length > 0 ? { inputResponses: answers } : {};
  return {
    ...call,
    id,
    params: { ...params, ...given, ...(typeof requestState === "string" && { requestState }) },
  };
}

/** What a legacy agent is told by itself: a `subscriptions/listen` of ours. */
export function listenRequest(id: string, discovered: Fields, resources: readonly string[]): Request | undefined {
  const { tools, prompts, resources: have } = isFields(discovered.capabilities) ? discovered.capabilities : {};
  const says = (one: unknown) => isFields(one) && one.listChanged === true;
  const filter = {
    ...(says(tools) && { toolsListChanged: true }),
    ...(says(prompts) && { promptsListChanged: true }),
    ...(says(have) && { resourcesListChanged: true }),
    ...(resources.length > 0 && { resourceSubscriptions: resources }),
  };
  if (Object.keys(filter).length === 0) return undefined;
  return { jsonrpc: "2.0", id, method: "subscriptions/listen", params: { notifications: filter } };
}
