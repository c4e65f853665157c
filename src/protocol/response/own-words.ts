import { type JsonObject, textOf } from "./json.ts";

/** An error that an API tells in members of its own. */
export interface OwnWords {
  readonly code: string;
  readonly description?: string;
}

/** Where APIs put a code, the most telling first, and a text for people. */
const CODES = ["errorType", "error_code", "errorCode", "type", "code", "status", "error"];
const TEXTS = ["error_description", "message", "error_message", "reason", "msg"];

/**
 * What an answer calls its error where RFC 6749 5.2 has a string in `error`: a number (Reddit), an object (Facebook), a list
 * (Fitbit, Strava), another member (HubSpot: `status`). Undefined where there is nothing of the kind.
 */
export function ownWords(json: JsonObject): OwnWords | undefined {
  const { error, errors } = json;
  const [first] = Array.isArray(errors) ? errors : [];
  for (const inner of [error, first]) {
    const words = isObject(inner) ? wordsOf(inner) : undefined;
    if (words) return words;
  }
  return wordsOf(json);
}

function wordsOf(json: JsonObject): OwnWords | undefined {
  const code = CODES.map((member) => codeOf(json[member])).find((word) => word !== undefined);
  const description = descriptionIn(json);
  return code === undefined ? undefined : { code, ...(description !== undefined && { description }) };
}

function codeOf(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : textOf(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text for people beside a code. */
export function descriptionIn(json: JsonObject): string | undefined {
  return TEXTS.map((member) => textOf(json[member])).find((text) => text !== undefined);
}
