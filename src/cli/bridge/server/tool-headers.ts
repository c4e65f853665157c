import { type Fields, isFields } from "../../../mcp/message.ts";
import { headersOfCall, type ParamHeader, paramHeaders } from "../../../mcp/param-headers.ts";

/** MCP-B8: what each tool of the lists that were seen wants in headers. */
export class ToolHeaders {
  readonly #tools = new Map<string, readonly ParamHeader[]>();
  /** Said once of each. */
  readonly #said = new Set<string>();
  readonly #say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Takes a list in; answers it without the tools that may not be used, the same object where there is none. */
  learn(result: Fields): Fields {
    const { tools } = result;
    if (!Array.isArray(tools)) return result;
    const usable = tools.filter((tool) => this.#learnTool(tool));
    return usable.length === tools.length ? result : { ...result, tools: usable };
  }

  #learnTool(tool: unknown): boolean {
    if (!isFields(tool) || typeof tool.name !== "string") return true;
    const headers = paramHeaders(tool.inputSchema);
    if (typeof headers !== "string") {
      this.#tools.set(tool.name, headers);
      return true;
    }
    this.#tools.delete(tool.name);
    const text = `the tool "${tool.name}" is left out: ${headers}`;
    if (!this.#said.has(text)) this.#say(text);
    this.#said.add(text);
    return false;
  }

  knows(name: string): boolean {
    return this.#tools.has(name);
  }

  /** The list does not have it: nobody looks again for this one. */
  learnUnknown(name: string): void {
    if (!this.#tools.has(name)) this.#tools.set(name, []);
  }

  forget(name: string): void {
    this.#tools.delete(name);
  }

  of(name: string, args: unknown): Readonly<Record<string, string>> {
    return headersOfCall(this.#tools.get(name) ?? [], args);
  }
}
