import { resolve } from "node:path";
import { errorCode } from "../error-code.ts";
import { FIRST_MOUNT, mountsOf } from "../mount-names.ts";
import { ConfigError } from "../process/config-error.ts";
import { SETTING_ENTRIES } from "../process/serve-settings.ts";
import { type Environment, readBounded } from "../process/variables.ts";
import { type DeclaredDevice, declaredDevices } from "./audit.ts";
import { type Mistake, type PlacedMember, parseDocument } from "./document.ts";
import { type DeclaredMount, declaredMounts, declaredServers } from "./servers.ts";
import { settingsIn } from "./settings.ts";

/** A configuration file, and all that is wrong with its settings. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** What its settings are as variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** The mounts whose servers it declares; undefined where it declares nothing. */
  readonly servers?: readonly DeclaredMount[];
  /** The audit devices that it declares; undefined where it says nothing of them. */
  readonly audit?: readonly DeclaredDevice[];
  /** In the order of the file. */
  readonly mistakes: readonly Mistake[];
}

/** Longer is no configuration, but another file. Bytes. */
const LONGEST = 4 * 1_048_576;

/** Throws `ConfigError` where the file cannot be read; what is wrong in it is among its mistakes. */
export function readConfigFile(given: string): ConfigFile {
  const path = resolve(given);
  const { root, mistakes } = parseDocument(textOf(path));
  if (!root) return { path, variables: {}, mistakes };
  if (root.type !== "object") {
    return { path, variables: {}, mistakes: [{ ...root.at, text: "it must be one object: { … }" }] };
  }
  const settings = settingsIn(root.members, path);
  const servers = sectionIn(root.members, "servers", "the name of each server, and its record");
  const others = sectionIn(root.members, "mount_servers", "the name of each mount, and its servers");
  const audit = sectionIn(root.members, "audit", "the name of each device, and its options");
  const ofServers = servers.members && declaredServers(servers.members, path);
  const ofOthers = others.members && declaredMounts(others.members, path, namedMounts(settings.variables));
  const ofAudit = audit.members && declaredDevices(audit.members, path);
  const wrong = [settings, servers, ofServers, others, ofOthers, audit, ofAudit].flatMap((one) => one?.mistakes ?? []);
  return {
    path,
    variables: settings.variables,
    mistakes: inOrder([...mistakes, ...wrong]),
    ...((ofServers || ofOthers) && {
      servers: [
        ...(ofServers ? [{ mount: FIRST_MOUNT, servers: ofServers.servers }] : []),
        ...(ofOthers?.mounts ?? []),
      ],
    }),
    ...(ofAudit && { audit: ofAudit.devices }),
  };
}

function namedMounts({ COATCHECK_MOUNTS: list }: Readonly<Record<string, string>>): readonly string[] | undefined {
  return list === undefined ? undefined : mountsOf(list);
}

/** What a key declares; no members where it is not there. */
function sectionIn(
  all: readonly PlacedMember[],
  name: string,
  what: string,
): { readonly members?: readonly PlacedMember[]; readonly mistakes: readonly Mistake[] } {
  const section = all.find(({ key }) => key === name);
  if (!section) return { mistakes: [] };
  if (section.value.type === "object") return { members: section.value.members, mistakes: [] };
  return { mistakes: [{ ...section.value.at, text: `"${name}" must be an object: ${what}` }] };
}

function textOf(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readBounded(path, LONGEST));
  } catch (error) {
    const code = errorCode(error) ?? (error instanceof Error ? error.name : "unknown error");
    if (code === "EFBIG")
      throw new ConfigError(`${path} is larger than 4 MiB, and so no configuration: give the path of another one`);
    throw new ConfigError(`the configuration ${path} cannot be read (${code}): give the path of another one`);
  }
}

function inOrder(mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** As compilers say it, so that editors find the place. */
export function mistakeLine(path: string, { line, column, text }: Mistake): string {
  return `${path}:${line}:${column}: ${text}`;
}

/** Throws `ConfigError`: the first mistake, and how to see all. */
export function requireNoMistakes(path: string, [first, ...more]: readonly Mistake[]): void {
  if (!first) return;
  const others = more.length === 0 ? "" : ` (and ${more.length} more: coatcheck config check ${path})`;
  throw new ConfigError(mistakeLine(path, first) + others);
}

/**
 * Lets a file say what the environment leaves open, so that everything is read in one way. A variable that is set goes first, and
 * so does the other form of a secret.
 */
export function fillEnvironment(env: Environment, { variables }: ConfigFile): void {
  for (const [, { variable }] of SETTING_ENTRIES) {
    if (variable === undefined) continue;
    const forms = [variable, `${variable}_FILE`];
    const lower = variable.startsWith("COATCHECK_") ? [] : [variable.toLowerCase()];
    if ([...forms, ...lower].some((name) => env[name])) continue;
    for (const name of forms) if (variables[name] !== undefined) env[name] = variables[name];
  }
}

/** The files that hold what is secret of the servers it declares. */
export function secretFilesIn(file: ConfigFile | undefined): readonly string[] {
  return (file?.servers ?? []).flatMap(({ servers }) => servers.flatMap(({ secrets }) => Object.values(secrets)));
}
