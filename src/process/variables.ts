import { closeSync, openSync, readSync } from "node:fs";
import { errorCode } from "../error-code.ts";
import { ConfigError } from "./config-error.ts";
import { SECRET_VARIABLES, type SecretVariable } from "./secret-variables.ts";

export type Environment = Record<string, string | undefined>;

/**
 * A secret: the variable of that name, or the first thing in the file that the same name with `_FILE` names, without the end of
 * its line (as Docker and Kubernetes mount secrets). Both are taken out of the environment, so that no child process inherits
 * them. Undefined where neither is set. Throws `ConfigError`, which shows no secret.
 */
export function takeSecret(env: Environment, name: SecretVariable): string | undefined {
  const variable = `${name}_FILE`;
  const { [name]: value, [variable]: path } = env;
  delete env[name];
  delete env[variable];
  if (!path) return value || undefined;
  if (value) throw new ConfigError(`${name} and ${variable} are both set: unset one of them`);
  const text = contentOf(path, variable).replace(/(?:\r?\n)+$/, "");
  if (text === "") throw new ConfigError(`${variable}: ${path} is empty`);
  return text;
}

/** The files that `takeSecret` would read. */
export function secretFilesOf(env: Environment): readonly string[] {
  return SECRET_VARIABLES.flatMap((name) => env[`${name}_FILE`] || []);
}

const CHUNK = 65_536;

/**
 * A file of so many bytes at most, whatever it is: a pipe is read to its end, and a device or a file of gigabytes is given up after
 * one byte too many (ST-57). Throws a system error, for that one `EFBIG`.
 */
export function readBounded(path: string, most: number): Buffer {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= most; ) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const read = readSync(file, chunk);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    throw Object.assign(new Error(`${path} is too large`), { code: "EFBIG" });
  } finally {
    closeSync(file);
  }
}

/** Keys and addresses are shorter. Bytes. */
const LONGEST_SECRET = 1_048_576;

function contentOf(path: string, variable: string): string {
  try {
    return readBounded(path, LONGEST_SECRET).toString();
  } catch (error) {
    const code = errorCode(error);
    if (code === "EFBIG")
      throw new ConfigError(`${variable}: ${path} is larger than 1 MiB: name the file of the secret alone`);
    throw new ConfigError(`${variable}: ${path} cannot be read (${code})`);
  }
}

/** True or false, in figures or words; absent is false. Throws `ConfigError`. */
export function isOn(name: string, env: Environment): boolean {
  const value = env[name] ?? "";
  if (!["", "0", "1", "false", "true"].includes(value)) throw new ConfigError(`${name} must be true or false`);
  return value === "1" || value === "true";
}
