import { badRequest } from "../answer/http-error.ts";
import { isObject } from "./pairs.ts";
import { parseJson } from "./parse-json.ts";
import { isEncoded, parseForm } from "./query.ts";

/** vault-http.md 1.2: the parameters of a body; null = none. Throws a 400. */
export function parseBody(bytes: Uint8Array, contentType: string): Readonly<Record<string, unknown>> | null {
  const text = decode(bytes);
  const first = text.trimStart().at(0);
  if (first === undefined) return null;
  if (isForm(contentType) && first !== "{" && first !== "[") return form(text);
  const value = tryJson(text);
  if (value === null) return null;
  if (!isObject(value)) throw badRequest("failed to parse JSON input: expected an object");
  return value;
}

function form(text: string): Readonly<Record<string, unknown>> {
  if (!isEncoded(text)) throw badRequest("failed to parse form input");
  return parseForm(text);
}

export function isForm(contentType: string): boolean {
  return /^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badRequest("failed to parse JSON input: not UTF-8");
  }
}

/** The parser's own message repeats the text around the fault, which may be a secret. */
function tryJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw badRequest("failed to parse JSON input");
  }
}
