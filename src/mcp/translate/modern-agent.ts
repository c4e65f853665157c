/** MCP-B11: an agent that speaks without `initialize`, and a server that wants it: what each message becomes. */
import { LEGACY, META, MODERN } from "../era.ts";
import { type Fields, isFields, type Message, metaOf, type Request } from "../message.ts";
import { MODERN_KEYS } from "../request-headers.ts";

/** The `initialize` that such an agent never sends, out of what a request of it says. */
export function initializeRequest(id: string, request: Message): Request {
  const meta = metaOf(request);
  const info = meta[META.client];
  const capabilities = meta[META.capabilities];
  return {
    jsonrpc: "2.0",
    id,
    method: "initialize",
    params: {
      protocolVersion: LEGACY,
      capabilities: isFields(capabilities) ? capabilities : {},
      clientInfo: isFields(info) ? info : { name: "coatcheck", version: "0" },
    },
  };
}

/** The answer to `server/discover`, out of the one to `initialize`. */
export function discoverResult({ capabilities, instructions, serverInfo }: Fields): Fields {
  return {
    resultType: "complete",
    supportedVersions: [MODERN],
    capabilities: isFields(capabilities) ? capabilities : {},
    ...(typeof instructions === "string" && { instructions }),
    ttlMs: 0,
    cacheScope: "private",
    ...(isFields(serverInfo) && { _meta: { [META.server]: serverInfo } }),
  };
}

/** A request without what only modern servers read. */
export function legacyRequest(request: Request, id: Request["id"] = request.id): Request {
  const { _meta, inputResponses: _answers, requestState: _state, ...params } = request.params ?? {};
  const kept = Object.entries(isFields(_meta) ? _meta : {}).filter(([key]) => !MODERN_KEYS.has(key));
  const meta = kept.length > 0 ? { _meta: Object.fromEntries(kept) } : {};
  return { ...request, id, params: { ...params, ...meta } };
}

/** Results that say how long they hold (2026-07-28 server/utilities/caching). */
const CACHEABLE: ReadonlySet<string> = new Set([
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
]);

/** A result with what every modern one has; a legacy server says nothing of how long it holds. */
export function modernResult(method: string, result: unknown, serverInfo: unknown): unknown {
  if (!isFields(result)) return result;
  const meta = {
    ...(isFields(result._meta) && result._meta),
    ...(isFields(serverInfo) && { [META.server]: serverInfo }),
  };
  return {
    resultType: "complete",
    ...result,
    ...(CACHEABLE.has(method) && { ttlMs: 0, cacheScope: "private" }),
    ...(Object.keys(meta).length > 0 && { _meta: meta }),
  };
}

/** 2026-07-28 basic, "Error Codes": a resource that is not there has another code, and this one must not be used any more. */
export function modernError(error: NonNullable<Message["error"]>): NonNullable<Message["error"]> {
  return error.code === -32002 ? { ...error, code: -32602 } : error;
}

/** Whether this request says that it takes such a question (`inputRequests`, "Server Requirements"). */
export function takesQuestion(request: Message, { method, params }: Message): boolean {
  const said = metaOf(request)[META.capabilities];
  const { elicitation, sampling, roots } = isFields(said) ? said : {};
  if (method === "sampling/createMessage") return isFields(sampling);
  if (method === "roots/list") return isFields(roots);
  if (method !== "elicitation/create" || !isFields(elicitation)) return false;
  return params?.mode === "url" ? isFields(elicitation.url) : true;
}

/** A question of a legacy server, as the answer to the call that it asks about. */
export function inputRequired(state: string, key: string, { method, params = {} }: Message): Fields {
  const { elicitationId: _id, _meta, ...asked } = params;
  const isForm = method === "elicitation/create" && asked.mode === undefined;
  const question = { method, params: { ...(isForm && { mode: "form" }), ...asked } };
  return { resultType: "input_required", requestState: state, inputRequests: { [key]: question } };
}

/** -32042 of a 2025-11-25 server: addresses that the person must open before the call is made again. */
export function urlQuestions({ error }: Message): Fields | undefined {
  if (error?.code !== -32042 || !isFields(error.data) || !Array.isArray(error.data.elicitations)) return undefined;
  const questions = error.data.elicitations.filter(isFields).map(({ elicitationId: _id, ...params }, index) => {
    return [`url_${index + 1}`, { method: "elicitation/create", params: { mode: "url", ...params } }];
  });
  return { resultType: "input_required", inputRequests: Object.fromEntries(questions) };
}
