import { patternProblem, policyOf, restricts, type ToolPolicy } from "../../mcp/tool-policy.ts";
import { loopbackProblem } from "../../protocol/loopback-redirect.ts";
import { expandProvider, findProvider } from "../../providers/index.ts";
import type { ServerInput } from "../broker.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import type { ServerRecord, SessionAccess } from "./server-record.ts";

/** What a write of a server says about sessions, checked. */
export function sessionAccessOf(input: ServerInput, allowHttp: boolean): SessionAccess {
  const { allowSessions: allowed, sessionFlow: flow, redirectUri, proxyApis, allowTools, denyTools } = input;
  if (flow !== "" && flow !== "page") throw invalid('session_flow must be empty or "page"');
  const problem = redirectUri === "" ? undefined : loopbackProblem(redirectUri);
  if (problem !== undefined) throw invalid(`redirect_uri ${problem}`);
  const apis = Object.entries(proxyApis).map(([name, url]) => [checkName(name), baseUrl(name, url, allowHttp)]);
  const tools = policyOf(allowTools, denyTools);
  requirePatterns(tools);
  return { allowed, flow, redirectUri, proxyApis: Object.fromEntries(apis), ...(restricts(tools) && { tools }) };
}

/** What is worth saying of what a write of a server says about sessions. `ofClient`: they are the given client's own. */
export function sessionWarnings(
  { loopback }: Context,
  { redirectUri, allowSessions }: ServerInput,
  ofClient: boolean,
): readonly string[] {
  if (loopback) return [];
  return [...(redirectUri === "" ? [] : [UNUSED_REDIRECT]), ...(ofClient && allowSessions ? [FOR_EVERYBODY] : [])];
}

const UNUSED_REDIRECT = "redirect_uri is not used: logins at this broker come back to its own callback";
/** MCP-G5: nobody is asked who they are, and nobody signs in. At a person's own broker that is its person. */
const FOR_EVERYBODY =
  "allow_sessions with grant=client_credentials: whoever reaches this broker gets the client's token, without a token of yours and without a person";

/** The same of a record that is kept: a write is soon forgotten. */
export function recordWarnings({ loopback }: Context, record: ServerRecord): readonly string[] {
  if (loopback || !record.sessions?.allowed) return [];
  const provider = findProvider(record.provider, record.providerVersion);
  return provider && expandProvider(provider, record.providerOptions, {}).apiServer?.ofClient ? [FOR_EVERYBODY] : [];
}

/** Throws `BrokerError` for a pattern that can be none. */
export function requirePatterns({ allow = [], deny = [] }: ToolPolicy): void {
  const lists = [
    ["allow_tools", allow],
    ["deny_tools", deny],
  ] as const;
  for (const [field, patterns] of lists) {
    for (const pattern of patterns) {
      const problem = patternProblem(pattern);
      if (problem !== undefined) throw invalid(`${field}: a pattern ${problem}`);
    }
  }
}

/** It is a segment of the proxy's path. */
function checkName(name: string): string {
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
    throw invalid("proxy_apis: a name may contain only lower-case letters, digits, - and _, and at most 64 characters");
  }
  return name;
}

/** With a slash at its end, so that it is a prefix no sibling path shares. */
function baseUrl(name: string, text: string, allowHttp: boolean): string {
  const url = URL.parse(text);
  const secure = url?.protocol === "https:" || (allowHttp && url?.protocol === "http:");
  const plain = url?.search === "" && url.hash === "" && url.username === "" && url.password === "";
  // What the parser changed (dot segments, encodings) was not what its writer meant.
  if (!url || !secure || !plain || /[\\%?#]/.test(text)) {
    throw invalid(`proxy_apis: "${name}" must be an https URL without user, query, fragment or encoded characters`);
  }
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}
