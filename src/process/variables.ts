import { readFileSync } from "node:fs";
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

function contentOf(path: string, variable: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${variable}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** True or false, in figures or words; absent is false. Throws `ConfigError`. */
export function isOn(name: string, env: Environment): boolean {
  const value = env[name] ?? "";
  if (!["", "0", "1", "false", "true"].includes(value)) throw new ConfigError(`${name} must be true or false`);
  return value === "1" || value === "true";
}
