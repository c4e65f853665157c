import { createHash } from "node:crypto";
import { failureOf } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { visible } from "../frame/visible.ts";
import type { Settings } from "../kept/settings-file.ts";
import type { TokenNeeds } from "../tokens/token-source.ts";

/** A current token of a login. */
export interface CurrentToken {
  readonly accessToken: string;
  /** `Bearer`, or what the provider says. */
  readonly tokenType: string;
  /** Epoch seconds; absent: it does not expire. */
  readonly expiresAt?: number;
  /** Who signed in, as a signed JWT; where it was wanted. */
  readonly idToken?: string;
  /** Epoch seconds. */
  readonly idTokenExpiresAt?: number;
}

/** Where the programs' questions are answered from: the agent, else the broker. */
export interface Tokens {
  /** Throws `CliError` with the command to run. */
  current(name: string, needs?: TokenNeeds): Promise<CurrentToken>;
  /** An API answered 401 to the token of that SHA-256. */
  rejected(name: string, sha256: string): Promise<void>;
}

/** What a foreign program gives to its helper. */
export interface HelperRequest {
  /** After the protocol's name. */
  readonly args: readonly string[];
  /** The whole of standard input. */
  input(): Promise<string>;
  /** Its lines, as they come, without their newline. */
  lines(): AsyncIterable<string>;
  /** Standard output, at once. */
  write(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  readonly tokens: Tokens;
  /** Waits no longer than the program does. Throws `CliError` then. */
  within<T>(work: Promise<T>): Promise<T>;
}

/** What it gets back. `err` is for a person and holds no secret. */
export interface HelperAnswer {
  readonly out?: string;
  readonly err?: string;
  readonly exit?: number;
}

/** A failure for a person, with the command to run; some programs pass it on as it is. */
export function complaint(error: unknown): string {
  const { message, next } = failureOf(error);
  return `coatcheck: ${visible(message)}${next ? `; run: ${visible(shellWords(next))}` : ""}\n`;
}

/** The login that answers for a host, registry or index: only what `setup` wrote down, no guessing. */
export function credentialFor(settings: Settings, protocol: string, key: string): string | undefined {
  const table = settings.credentials?.[protocol] ?? {};
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
