import { isAmbiguous } from "../../../mcp/ambiguous.ts";
import { type CallerRequest, type Fields, fieldsOf } from "../../../mcp/sign-in-answers.ts";
import { AMBIGUOUS } from "../../../mcp/tool-policy.ts";

/** What somebody has posted: one message or, of 2025-03-26, several. */
export interface Posted {
  readonly messages: readonly Message[];
  readonly isBatch: boolean;
}

export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A body that is refused, with an error code of JSON-RPC or MCP. */
export class Unreadable extends Error {
  readonly code: number;
  readonly id: string | number | null;

  constructor(code: number, message: string, id: string | number | null = null) {
    super(message);
    this.code = code;
    this.id = id;
  }
}

/** JSON-RPC 2.0 5.1. */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

/** MCP 2026-07-28 basic/transports: `HeaderMismatch`. */
const HEADER_MISMATCH = -32020;

/** The messages of a body, which mean the same to whoever reads them after us. Throws `Unreadable`. */
export function readPosted(body: Uint8Array, headers: Readonly<Record<string, string>>): Posted {
  const { text, read } = parsed(body);
  const messages = Array.isArray(read) ? read : [read];
  if (messages.length === 0 || !messages.every(isObject)) throw new Unreadable(INVALID_REQUEST, "no JSON-RPC message");
  if (isAmbiguous(text)) throw new Unreadable(INVALID_REQUEST, AMBIGUOUS);
  for (const message of messages as Message[]) {
    const { id = null } = message;
    const problem = disagreement(message, headers);
    if (problem !== undefined) throw new Unreadable(HEADER_MISMATCH, problem, id);
  }
  return { messages: messages as Message[], isBatch: Array.isArray(read) };
}

/** Bytes that are no UTF-8 would be other letters to a server that leaves them out. */
function parsed(body: Uint8Array): { readonly text: string; readonly read: unknown } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    if (hasManyValues(text)) throw new Unreadable(INVALID_REQUEST, "the message has too many objects and lists in it");
    return { text, read: JSON.parse(text) };
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable(PARSE_ERROR, "the body is no JSON");
  }
}

/** ST-53: each takes twenty times its bytes in memory, and seconds to be read where there are millions. */
const MOST_VALUES = 250_000;

/** Whether a JSON text has more objects and lists in it than are read. */
export function hasManyValues(text: string): boolean {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === OPENS_OBJECT || character === OPENS_LIST) count += 1;
  }
  return count > MOST_VALUES;
}

const [OPENS_OBJECT, OPENS_LIST] = [0x7b, 0x5b];

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Those that are answered. */
export function requestsOf({ messages }: Posted): readonly CallerRequest[] {
  return messages.filter((message): message is CallerRequest => {
    const { id, method } = message;
    return typeof method === "string" && (typeof id === "string" || typeof id === "number");
  });
}

const VERSION = "io.modelcontextprotocol/protocolVersion";

/** What a header repeats of the body must be what the body says: a server may go by either (MCP-G4). */
function disagreement({ method, params = {} }: Message, headers: Readonly<Record<string, string>>): string | undefined {
  const version = fieldsOf(params._meta)[VERSION];
  const says = (header: string, value: unknown) => headers[header] !== undefined && headers[header] !== value;
  if (says("mcp-method", method)) return "the header Mcp-Method is not the method of the body";
  if (version !== undefined && says("mcp-protocol-version", version))
    return "the header MCP-Protocol-Version is not the version of the body";
  const name = headers["mcp-name"];
  if (name !== undefined && !namedBy(method, params).includes(decoded(name)))
    return "the header Mcp-Name is not the name in the body";
  return undefined;
}

/** What the header may repeat: of a call that is decided by its name nothing else. */
function namedBy(method: unknown, { name, uri, taskId }: Fields): readonly unknown[] {
  if (method === "tools/call" || method === "prompts/get") return [name];
  return method === "resources/read" ? [uri] : [name, uri, taskId];
}

/** MCP 2026-07-28: what is no plain ASCII comes as `=?base64?…?=`. */
function decoded(value: string): string {
  const [, base64] = /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/.exec(value) ?? [];
  return base64 === undefined ? value : Buffer.from(base64, "base64").toString();
}
