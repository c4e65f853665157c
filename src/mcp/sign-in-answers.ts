/**
 * What is answered for a server that nobody has signed in to (section 7): whoever stands in for it, bridge or gateway, passes
 * a request, and gets the result or the error of JSON-RPC. Calls, which need a person, are in sign-in-calls.ts.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** A JSON-RPC request. */
export interface CallerRequest {
  readonly id: string | number;
  readonly method: string;
  readonly params?: Fields;
}

/** What goes beside `jsonrpc` and `id`. */
export type Outcome =
  | { readonly result: Fields }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: Fields } };

/** What is known of whoever asks. */
export interface Agent {
  /** `modern`: 2026-07-28, everything in `_meta` of each request; `legacy`: 2025-11-25 and earlier. */
  readonly era: "modern" | "legacy";
  /** The legacy version that it asked for; undefined = not known. */
  readonly version?: string;
  /** It shows addresses to the person by itself (`elicitation.url`). */
  readonly asksByUrl: boolean;
}

/** The server that is stood in for, and who does. */
export interface StandIn {
  /** As people know the server: its host. */
  readonly server: string;
  /** Of Coatcheck. */
  readonly version: string;
  /** Of the server, from before. */
  readonly remembered?: Remembered;
}

interface Remembered {
  readonly capabilities?: Fields;
  readonly instructions?: string;
  readonly tools?: readonly Fields[];
}

const MODERN_VERSION = "2026-07-28";
const LAST_LEGACY_VERSION = "2025-11-25";
/** Those with `initialize`; whoever asks for another one is offered the last. */
const LEGACY_VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", LAST_LEGACY_VERSION];

const META = "io.modelcontextprotocol/";

/** Who asks: by the `_meta` of a modern request, else by the params of the `initialize` that came before it. */
export function agentOf({ method, params }: Pick<CallerRequest, "method" | "params">, handshake?: Fields): Agent {
  const meta = fieldsOf(params?._meta);
  if (typeof meta[`${META}protocolVersion`] === "string") {
    return { era: "modern", asksByUrl: hasUrl(fieldsOf(meta[`${META}clientCapabilities`])) };
  }
  const { protocolVersion: version, capabilities } = (method === "initialize" ? params : handshake) ?? {};
  if (typeof version !== "string") return { era: "legacy", asksByUrl: false };
  // Addresses are asked about since 2025-11-25; an earlier agent has not meant this.
  return { era: "legacy", version, asksByUrl: version >= LAST_LEGACY_VERSION && hasUrl(fieldsOf(capabilities)) };
}

function hasUrl({ elicitation }: Fields): boolean {
  return "url" in fieldsOf(elicitation);
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The tool that begins a login, under a name that the server does not use itself. */
export function signInTool({ remembered }: Pick<StandIn, "remembered">): string {
  return remembered?.tools?.some(({ name }) => name === "sign_in") ? "coatcheck_sign_in" : "sign_in";
}

/**
 * MCP-S1, MCP-S2: what can be answered without a login. Undefined: the request is one that needs a person (`signInAnswer`).
 */
export function standInAnswer(request: CallerRequest, agent: Agent, standIn: StandIn): Outcome | undefined {
  const { method } = request;
  if (method === "initialize" && agent.era === "legacy") return { result: initialized(agent, standIn) };
  if (method === "server/discover" && agent.era === "modern") return complete(agent, discovered(standIn), standIn);
  if (method === "ping" && agent.era === "legacy") return { result: {} };
  if (method === "tools/list") return complete(agent, { tools: listedTools(standIn), ...cacheOf(agent) }, standIn);
  const list = Object.hasOwn(EMPTY_LISTS, method) ? EMPTY_LISTS[method] : undefined;
  return list === undefined ? undefined : complete(agent, { [list]: [], ...cacheOf(agent) }, standIn);
}

const EMPTY_LISTS: Readonly<Record<string, string>> = {
  "prompts/list": "prompts",
  "resources/list": "resources",
  "resources/templates/list": "resourceTemplates",
};

/** Nothing of this lasts longer than it takes to sign in. */
const UNCACHED = { ttlMs: 0, cacheScope: "private" };

function cacheOf({ era }: Agent): Fields {
  return era === "modern" ? UNCACHED : {};
}

/** A result as the agent's era has it. */
export function complete({ era }: Agent, fields: Fields, standIn: StandIn): Outcome {
  return { result: era === "modern" ? { resultType: "complete", ...fields, _meta: metaOf(standIn) } : fields };
}

/** Of a modern result: who answered. */
export function metaOf({ version }: Pick<StandIn, "version">): Fields {
  return { [`${META}serverInfo`]: { name: "coatcheck", version } };
}

/** What cannot be taken back later: a server of which nothing is known may turn out to have any of these. */
const ANY_CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true },
};

/** The tools change when somebody has signed in, whatever the server itself says of its own. */
function capabilitiesOf({ remembered }: StandIn): Fields {
  const known = remembered?.capabilities;
  return known ? { ...known, tools: { ...fieldsOf(known.tools), listChanged: true } } : ANY_CAPABILITIES;
}

function instructionsOf(standIn: StandIn): string {
  const first = `Nobody has signed in to ${standIn.server} yet: a person must do so before its tools can be used. Call the tool ${signInTool(standIn)}, and show the person the address and the code that it returns.`;
  return [first, standIn.remembered?.instructions ?? []].flat().join("\n\n");
}

function initialized({ version }: Agent, standIn: StandIn): Fields {
  return {
    protocolVersion: version !== undefined && LEGACY_VERSIONS.includes(version) ? version : LAST_LEGACY_VERSION,
    capabilities: capabilitiesOf(standIn),
    serverInfo: { name: "coatcheck", title: standIn.server, version: standIn.version },
    instructions: instructionsOf(standIn),
  };
}

function discovered(standIn: StandIn): Fields {
  return {
    supportedVersions: [MODERN_VERSION],
    capabilities: capabilitiesOf(standIn),
    instructions: instructionsOf(standIn),
    ...UNCACHED,
  };
}

function listedTools(standIn: StandIn): readonly Fields[] {
  const signIn = {
    name: signInTool(standIn),
    title: `Sign in to ${standIn.server}`,
    description: `Begins the sign-in to ${standIn.server} that its other tools need. Returns an address and a code for the person; called again, it waits until the person has signed in.`,
    inputSchema: { type: "object", properties: {}, additionalProperties: false },
  };
  return [...(standIn.remembered?.tools ?? []), signIn];
}
