import { join } from "node:path";
import { didYouMean } from "../../providers/nearest.ts";
import { CliError } from "../frame/fail.ts";
import { configFolder } from "./folders.ts";
import { FORBIDDEN, readOwn, updatePrivate } from "./private-file.ts";

/** What a person has set up: nothing in it is secret, but nobody else may change it. */
export interface Settings {
  /** The broker's address. */
  readonly broker?: string;
  /** Networks that the broker of its own may call beside the public ones, as `serve --allow-networks`. */
  readonly allowNetworks?: string;
  /** Where sessions are kept: `file`, which is the default, or the system's `keyring`. */
  readonly sessions?: string;
  /** Protocol → host, registry or account → name of the login that answers for it. */
  readonly credentials?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What git's hosts want, where that is not known by itself. */
  readonly gitHosts?: Readonly<Record<string, { readonly username?: string; readonly bearer?: boolean }>>;
  /** Cargo's registries that want the token without the word before it. */
  readonly cargoRegistries?: Readonly<Record<string, { readonly bearer?: boolean }>>;
}

export function settingsPath(): string {
  return join(configFolder(), "config.json");
}

export function readSettings(): Settings {
  return parse(readOwn(settingsPath(), FORBIDDEN.settings));
}

export function changeSettings(change: (settings: Settings) => Settings): void {
  const changed = (text: string | undefined) => `${JSON.stringify(change(parse(text)), null, 2)}\n`;
  updatePrivate(settingsPath(), changed, FORBIDDEN.settings);
}

function parse(text: string | undefined): Settings {
  if (text === undefined) return {};
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new CliError("file_unreadable", `${settingsPath()} is not valid JSON: ${(error as Error).message}`);
  }
  return checked(read);
}

/** What each setting is. */
const KINDS = {
  broker: "string",
  allowNetworks: "string",
  sessions: "string",
  credentials: "object",
  gitHosts: "object",
  cargoRegistries: "object",
} as const satisfies Record<keyof Settings, "string" | "object">;

/** A setting that nobody reads is a mistake: whoever wrote it counts on it. */
function checked(read: unknown): Settings {
  if (kindOf(read) !== "object") throw unusable("must be a JSON object");
  for (const [name, value] of Object.entries(read as object)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name as keyof Settings] : undefined;
    if (kind === undefined) throw unusable(`has an unknown setting "${name}"${didYouMean(name, Object.keys(KINDS))}`);
    if (kindOf(value) !== kind) throw unusable(`has a setting "${name}" that is no ${kind}`);
  }
  return read as Settings;
}

function kindOf(value: unknown): string {
  return value === null || Array.isArray(value) ? "list" : typeof value;
}

function unusable(what: string): CliError {
  return new CliError("file_unreadable", `${settingsPath()} ${what}: correct it (docs/cli.md)`);
}
