import { META, versionOf } from "./era.ts";
import type { Message } from "./message.ts";
import { headerValue } from "./param-headers.ts";

/** MCP-B8: what each of these calls, out of its parameters. */
const NAMED: Readonly<Record<string, "name" | "uri">> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

/** MCP-B8: the headers of a modern request, all out of its body ("Request Metadata"). */
export function requestHeaders(message: Message): Readonly<Record<string, string>> {
  const { method = "", params } = message;
  const version = versionOf(message);
  const name = params?.[NAMED[method] ?? ""];
  return {
    ...(version !== undefined && { "mcp-protocol-version": version }),
    "mcp-method": method,
    ...(typeof name === "string" && { "mcp-name": headerValue(name) }),
  };
}

/** Header of the version alone: of legacy requests, and of a modern message that is no request. */
export function versionHeader(version: string | undefined): Readonly<Record<string, string>> {
  return version === undefined ? {} : { "mcp-protocol-version": version };
}

/** Keys of `_meta` that only a modern server understands. */
export const MODERN_KEYS: ReadonlySet<string> = new Set([META.version, META.client, META.capabilities, META.logLevel]);
