import { type CallerRequest, type Fields, fieldsOf } from "../../../mcp/sign-in-answers.ts";

/** What somebody has posted: one message or, of 2025-03-26, several. */
export interface Posted {
  readonly messages: readonly Message[];
  readonly isBatch: boolean;
}

interface Message {
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
  const text = new TextDecoder().decode(body);
  const read = parsed(text);
  const messages = Array.isArray(read) ? read : [read];
  if (messages.length === 0 || !messages.every(isObject)) throw new Unreadable(INVALID_REQUEST, "no JSON-RPC message");
  if (isAmbiguous(text)) {
    throw new Unreadable(INVALID_REQUEST, "a member of the message comes twice, or in another case of letters");
  }
  for (const message of messages as Message[]) {
    const { id = null } = message;
    const problem = disagreement(message, headers);
    if (problem !== undefined) throw new Unreadable(HEADER_MISMATCH, problem, id);
  }
  return { messages: messages as Message[], isBatch: Array.isArray(read) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable(PARSE_ERROR, "the body is no JSON");
  }
}

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
  const named = [params.name, params.uri, params.taskId].filter((value) => value !== undefined);
  if (name !== undefined && named.length > 0 && named.every((value) => decoded(name) !== value))
    return "the header Mcp-Name is not the name in the body";
  return undefined;
}

/** MCP 2026-07-28: what is no plain ASCII comes as `=?base64?…?=`. */
function decoded(value: string): string {
  const [, base64] = /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/.exec(value) ?? [];
  return base64 === undefined ? value : Buffer.from(base64, "base64").toString();
}

/** What decides who is asked for what: the members of a message, and of its `params`. */
const OF_MESSAGE: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params"]);
const OF_PARAMS: ReadonlySet<string> = new Set(["name", "uri"]);

interface Level {
  readonly isObject: boolean;
  readonly deciding?: ReadonlySet<string>;
  readonly seen: Set<string>;
  key: string;
  expectsKey: boolean;
}

/**
 * Whether parsers can read different messages out of one text: some take the first of two members of one name, some the last,
 * and some ignore the case of their letters.
 */
function isAmbiguous(text: string): boolean {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const top = levels.at(-1);
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (top?.expectsKey && isTaken(top, JSON.parse(text.slice(at, end)))) return true;
      at = end - 1;
    } else if (character === "{" || character === "[") levels.push(levelIn(levels, character === "{"));
    else if (character === "}" || character === "]") levels.pop();
    else if (character === "," && top) top.expectsKey = top.isObject;
  }
  return false;
}

function levelIn(levels: readonly Level[], isObject: boolean): Level {
  const [above] = levels.slice(-1);
  const isMessage = above === undefined || (levels.length === 1 && !above.isObject);
  const isParams = above?.deciding === OF_MESSAGE && above.key === "params";
  const deciding = isMessage ? OF_MESSAGE : isParams ? OF_PARAMS : undefined;
  return { isObject, seen: new Set(), key: "", expectsKey: isObject, ...(deciding && isObject && { deciding }) };
}

function isTaken(level: Level, key: string): boolean {
  level.key = key;
  level.expectsKey = false;
  const name = key.toLowerCase();
  if (!level.deciding?.has(name)) return false;
  if (name !== key || level.seen.has(key)) return true;
  level.seen.add(key);
  return false;
}

/** Behind its closing quote; the text is JSON. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
}
