/**
 * JSON-RPC 2.0 messages of MCP, as far as something between agent and server must know them. What is not named here is passed
 * on unread, and as the text that it came as: a number that no double holds must not change on its way.
 */

export type Id = string | number;

export type Fields = Readonly<Record<string, unknown>>;

/** One message: a request has `method` and `id`, a notification only `method`, an answer only `id` (of an error it may be absent). */
export interface Message {
  readonly jsonrpc: "2.0";
  readonly id?: Id | null;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: unknown;
  readonly error?: ErrorFields;
}

interface ErrorFields {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface Request extends Message {
  readonly id: Id;
  readonly method: string;
}

/** JSON-RPC 2.0 section 5.1. */
export const CODES = { parse: -32700, request: -32600, method: -32601, params: -32602, internal: -32603 } as const;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is Id {
  return typeof value === "string" || typeof value === "number";
}

/** A message, a batch of them (2025-03-26 only), or undefined for what is neither. */
export function parseMessages(text: string): Message | readonly Message[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (Array.isArray(value)) return value.length > 0 && value.every(isMessage) ? value : undefined;
  return isMessage(value) ? value : undefined;
}

function isMessage(value: unknown): value is Message {
  if (!isFields(value)) return false;
  const { id, method, params } = value;
  if (typeof method === "string") return (params === undefined || isFields(params)) && (id === undefined || isId(id));
  return method === undefined && ("result" in value || isFields(value.error)) && (id == null || isId(id));
}

export function isRequest(message: Message): message is Request {
  return message.method !== undefined && isId(message.id);
}

export function isAnswer(message: Message): boolean {
  return message.method === undefined;
}

/** `_meta` of a request's or notification's parameters. */
export function metaOf({ params }: Message): Fields {
  return isFields(params?._meta) ? params._meta : {};
}

/** JSON on one line, unchanged: a line break that is not between two values does not exist in JSON. */
export function onOneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replaceAll(/[\r\n]+/g, " ").trim() : json;
}

export function resultOf(id: Id, result: Fields): Message {
  return { jsonrpc: "2.0", id, result };
}

/** Without an id: an error about something that had none, or none that could be read. */
export function errorOf(id: Id | undefined, code: number, message: string, data?: Fields): Message {
  return { jsonrpc: "2.0", ...(id !== undefined && { id }), error: { code, message, ...(data && { data }) } };
}

/** MCP-B13: what went wrong between agent and server, for people and for programs. */
export interface Trouble {
  /** A stable word. */
  readonly reason: string;
  /** One sentence. */
  readonly message: string;
  /** The command to run. */
  readonly next?: string;
}

/** MCP-B13: an error of ours. */
export function troubleOf(id: Id | undefined, { reason, message, next }: Trouble): Message {
  const text = next === undefined ? message : `${message}. To go on, run: ${next}`;
  return errorOf(id, CODES.internal, text, { coatcheck: { reason, ...(next !== undefined && { next }) } });
}
