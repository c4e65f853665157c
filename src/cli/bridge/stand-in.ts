import { LEGACY } from "../../mcp/era.ts";
import { type Fields, isFields, type Message, type Request, type Trouble } from "../../mcp/message.ts";
import {
  type Agent,
  agentOf,
  type Outcome,
  type StandIn,
  signInTool,
  standInAnswer,
} from "../../mcp/sign-in-answers.ts";
import { isToolAllowed, type ToolPolicy, withoutDeniedTools } from "../../mcp/tool-policy.ts";
import { VERSION } from "../../process/version.ts";
import type { Memory } from "./memory.ts";

/** MCP-B12: methods that are answered in time whatever the network does. */
const IN_TIME: ReadonlySet<string> = new Set([
  "initialize",
  "server/discover",
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
]);

/** What this bridge says in the place of the server. */
export class StandIns {
  readonly #server: string;
  readonly #memory: Memory;
  readonly #policy: ToolPolicy;
  #handshake: Fields | undefined;

  constructor(server: string, memory: Memory, policy: ToolPolicy) {
    this.#server = server;
    this.#policy = policy;
    this.#memory = memory;
  }

  /** What the agent said of itself. */
  meet({ params }: Request): void {
    this.#handshake = params;
  }

  agent(request: Request): Agent {
    return agentOf(request, this.#handshake);
  }

  get standIn(): StandIn {
    const known = this.#memory.result("initialize") ?? this.#memory.result("server/discover") ?? {};
    const { tools } = this.#memory.result("tools/list") ?? {};
    const remembered: NonNullable<StandIn["remembered"]> = {
      ...(isFields(known.capabilities) && { capabilities: known.capabilities }),
      ...(typeof known.instructions === "string" && { instructions: known.instructions }),
      ...(Array.isArray(tools) && { tools: this.#allowed(tools) }),
    };
    return { server: this.#server, version: VERSION, remembered };
  }

  #allowed(tools: readonly unknown[]): readonly Fields[] {
    return tools.filter(isFields).filter(({ name }) => isToolAllowed([this.#policy], String(name)));
  }

  get tool(): string {
    return signInTool(this.standIn);
  }

  /** MCP-S1, MCP-S2: nobody has signed in. */
  signedOut(request: Request): Outcome | undefined {
    return standInAnswer(request, this.agent(request), this.standIn);
  }

  isInTime({ method }: Request): boolean {
    return IN_TIME.has(method);
  }

  /** MCP-B12: the server does not answer, and nobody knows whether a person is needed. */
  away(request: Request, { message }: Trouble): Outcome | undefined {
    const { method } = request;
    const isHandshake = method === "initialize" || method === "server/discover";
    const before = this.#memory.result(method);
    if (before && !request.params?.cursor)
      return { result: withoutDeniedTools([this.#policy], asAsked(request, before)) };
    const outcome = this.signedOut(request);
    if (!outcome || !("result" in outcome)) return outcome;
    const { result } = outcome;
    if (isHandshake)
      return { result: { ...result, instructions: `${message}. Its tools are listed as soon as it answers.` } };
    return { result: { ...result, ...(method === "tools/list" && { tools: [] }) } };
  }
}

/** Another agent of this machine may have asked for another version. */
function asAsked({ method, params }: Request, result: Fields): Fields {
  if (method !== "initialize") return result;
  const { protocolVersion = LEGACY } = params ?? {};
  return { ...result, protocolVersion };
}

/** An outcome as the message that it is. */
export function messageOf({ id }: Request, outcome: Outcome): Message {
  return { jsonrpc: "2.0", id, ...outcome };
}
