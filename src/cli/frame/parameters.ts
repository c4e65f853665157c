import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { errorCode } from "../../error-code.ts";
import { usage } from "./fail.ts";

/** Fields that hold secrets: never taken from the command line itself, which the whole machine can read. */
const SECRETS: ReadonlySet<string> = new Set([
  "client_secret",
  "client_secrets",
  "client_key",
  "refresh_token",
  "code",
  "code_verifier",
  "device_code",
  "token",
  "jwt",
  "secret_id",
  "password",
]);

/** All that is written to this command, once its writer has ended. */
export function standardInput(): Promise<string> {
  return text(process.stdin);
}

/**
 * `k=v` as the vault command takes it: `k=@file` and `k=-` (standard input) for the text of a file, `@file` and `-` for a
 * whole JSON object; a key given twice is a list. Only the first `=` splits.
 */
export async function parseParameters(
  args: readonly string[],
  stdin = standardInput,
): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const arg of args) {
    const at = arg.indexOf("=");
    if (at === 0 || (at === -1 && arg !== "-" && !arg.startsWith("@"))) {
      throw usage(`"${arg}" is not a parameter: give key=value, key=@file, key=- or @file.json`);
    }
    if (at === -1) Object.assign(fields, parseObject(await textOf(arg, stdin), arg));
    else add(fields, arg.slice(0, at), await parseValue(arg.slice(0, at), arg.slice(at + 1), stdin));
  }
  return fields;
}

/** A path of the broker, without slashes at its ends. */
export function plainPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

async function parseValue(key: string, value: string, stdin: () => Promise<string>): Promise<string> {
  if (value === "-" || value.startsWith("@")) return (await textOf(value, stdin)).replace(/\r?\n$/, "");
  if (SECRETS.has(key) && value !== "") {
    throw usage(
      `${key} is a secret, and other users can read command lines: give ${key}=@FILE or ${key}=- (standard input)`,
    );
  }
  return value.startsWith("\\@") ? value.slice(1) : value;
}

async function textOf(source: string, stdin: () => Promise<string>): Promise<string> {
  if (source === "-") return stdin();
  try {
    return readFileSync(source.slice(1), "utf8");
  } catch (error) {
    throw usage(`${source.slice(1)} cannot be read: ${errorCode(error)}`);
  }
}

function parseObject(text: string, source: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw usage(`${source} does not contain a JSON object`);
}

function add(fields: Record<string, unknown>, key: string, value: string): void {
  const before = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (before === undefined) fields[key] = value;
  else if (Array.isArray(before)) before.push(value);
  else fields[key] = [before, value];
}
