import { dirname, resolve } from "node:path";
import { isName, ServerParameters, type VaultType } from "../api/index.ts";
import { errorCode } from "../error-code.ts";
import { FIRST_MOUNT, problemOfMount } from "../mount-names.ts";
import { ConfigError } from "../process/config-error.ts";
import { readBounded } from "../process/variables.ts";
import { checkServerOptions, didYouMean, findProvider, needsClientId, providerIds } from "../providers/index.ts";
import { type Mistake, type Placed, type PlacedMember, plainValue } from "./document.ts";
import { secretText, unknownText } from "./settings.ts";

/** A server as a file declares it: the parameters of its record, in whose place secrets name files. */
export interface DeclaredServer {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Parameter → the absolute path of the file that holds it. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The servers that a file declares of one mount; none is not the same as nothing declared. */
export interface DeclaredMount {
  readonly mount: string;
  readonly servers: readonly DeclaredServer[];
}

/** What the parameters of a server are; a secret that is a list stands in its file. */
type ServerType = Extract<VaultType, "String" | "Bool" | "DurationSecond" | "KVPairs">;

/** One key of a declared server. */
export interface ServerKey {
  readonly parameter: string;
  readonly type: ServerType | "file";
  readonly description: string;
  /** A map whose values may be objects. */
  readonly jsonValues: boolean;
}

const EXPECTED: Readonly<Record<ServerKey["type"], string>> = {
  file: "the path of a file",
  String: "a text",
  Bool: "true or false",
  DurationSecond: "a whole number of seconds",
  KVPairs: "an object of texts",
};

interface Field {
  readonly description: string;
  readonly default: unknown;
  readonly writeOnly?: boolean;
  readonly "x-vault-type": VaultType;
  readonly "x-json-values"?: boolean;
}

const FIELDS = Object.entries<object>(ServerParameters.properties).map(([parameter, field]) => {
  if (!isField(field)) throw new Error(`${parameter} is not said to be of one of Vault's types`);
  return [parameter, field] as const;
});

function isField(field: object): field is Field {
  return "description" in field && "default" in field && "x-vault-type" in field;
}

/** Every key of a declared server: the parameters of a write, secrets by a file of their own; of several, one stands on each line. */
export const SERVER_KEYS: ReadonlyMap<string, ServerKey> = new Map(FIELDS.map(keyOf));

function keyOf([parameter, field]: readonly [string, Field]): readonly [string, ServerKey] {
  const { description, writeOnly, "x-vault-type": type, "x-json-values": jsonValues = false } = field;
  const text = `path of a file that holds it: ${description}`;
  if (writeOnly) return [`${parameter}_file`, { parameter, type: "file", description: text, jsonValues }];
  if (!isServerType(type)) throw new Error(`${parameter}: a configuration file has no form for ${type}`);
  return [parameter, { parameter, type, description, jsonValues }];
}

function isServerType(type: VaultType): type is ServerType {
  return Object.hasOwn(EXPECTED, type);
}

/** What is declared, as far as it can be read, and all that is wrong with it. Opens no other file. */
export function declaredServers(
  members: readonly PlacedMember[],
  path: string,
): { readonly servers: readonly DeclaredServer[]; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const servers = members.flatMap((member) => declared(member, path, mistakes) ?? []);
  return { servers, mistakes };
}

/** The same of other mounts than the first, by their names. `known`: the mounts that the file names; undefined where it names none. */
export function declaredMounts(
  members: readonly PlacedMember[],
  path: string,
  known: readonly string[] | undefined,
): { readonly mounts: readonly DeclaredMount[]; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const mounts = members.flatMap(({ key: mount, at, value }) => {
    const problem = problemHere(mount, known);
    if (problem !== undefined) mistakes.push({ ...at, text: problem });
    if (value.type === "object") {
      const inside = declaredServers(value.members, path);
      mistakes.push(...inside.mistakes);
      return { mount, servers: inside.servers };
    }
    mistakes.push({ ...value.at, text: `"${mount}" must be an object: the name of each server, and its record` });
    return [];
  });
  return { mounts, mistakes };
}

function problemHere(mount: string, known: readonly string[] | undefined): string | undefined {
  if (mount === FIRST_MOUNT) return `the servers of "${mount}" belong into "servers"`;
  const isUnknown = known?.includes(mount) === false;
  return problemOfMount(mount) ?? (isUnknown ? `there is no mount "${mount}": name it in "mounts"` : undefined);
}

/** Throws `ConfigError` where a file declares servers of a mount that is not there; flags and variables name mounts as well. */
export function requireMounts(declared: readonly DeclaredMount[], mounts: readonly string[]): void {
  const stranger = declared.find(({ mount }) => !mounts.includes(mount));
  if (!stranger) return;
  throw new ConfigError(`mount_servers: there is no mount "${stranger.mount}": name it with --mounts`);
}

function declared(
  { key: name, at, value }: PlacedMember,
  path: string,
  mistakes: Mistake[],
): DeclaredServer | undefined {
  if (!isName(name)) mistakes.push({ ...at, text: `"${name}" cannot be the name of a server` });
  if (value.type !== "object") {
    mistakes.push({ ...value.at, text: `the server "${name}" must be an object` });
    return undefined;
  }
  const parameters: Record<string, unknown> = {};
  const secrets: Record<string, string> = {};
  for (const member of value.members) {
    const known = SERVER_KEYS.get(member.key);
    const read = known && parameterOf(known, member.value);
    if (!known) mistakes.push({ ...member.at, text: strangerText(member.key) });
    else if (read === undefined)
      mistakes.push({ ...member.value.at, text: `"${member.key}" must be ${EXPECTED[known.type]}` });
    else if (known.type === "file") secrets[known.parameter] = resolve(dirname(path), String(read));
    else parameters[known.parameter] = read;
  }
  const problem = providerProblem(value.members, parameters);
  if (problem) mistakes.push({ ...(problem.at ?? at), text: problem.text });
  return { name, parameters, secrets };
}

function strangerText(key: string): string {
  return SERVER_KEYS.has(`${key}_file`) ? secretText(key) : unknownText(key, [...SERVER_KEYS.keys()]);
}

/** As the broker takes it; undefined where it is of another kind. */
function parameterOf({ type, jsonValues }: ServerKey, value: Placed): unknown {
  if (type === "KVPairs") return value.type === "object" ? pairsOf(value.members, jsonValues) : undefined;
  if (value.type !== "value") return undefined;
  const { value: plain } = value;
  if (type === "Bool") return typeof plain === "boolean" ? plain : undefined;
  if (type === "DurationSecond") return Number.isSafeInteger(plain) && Number(plain) >= 0 ? plain : undefined;
  return typeof plain === "string" && (type !== "file" || plain !== "") ? plain : undefined;
}

function pairsOf(members: readonly PlacedMember[], jsonValues: boolean): Readonly<Record<string, string>> | undefined {
  const texts = members.map(({ key, value }) => {
    if (value.type === "value") return [key, value.value === null ? undefined : String(value.value)] as const;
    return [key, jsonValues ? JSON.stringify(plainValue(value)) : undefined] as const;
  });
  return texts.some(([, text]) => text === undefined)
    ? undefined
    : (Object.fromEntries(texts) as Record<string, string>);
}

/** What a write would be refused for, as far as nobody has to be asked. */
function providerProblem(
  members: readonly PlacedMember[],
  { provider: id, provider_options: options = {}, client_id: client = "" }: Readonly<Record<string, unknown>>,
): { readonly at?: Mistake | Placed["at"]; readonly text: string } | undefined {
  const member = (name: string, of = members) => of.find(({ key }) => key === name);
  if (typeof id !== "string" || id === "") return { text: 'it names no "provider" (docs/providers.md)' };
  const provider = findProvider(id);
  if (!provider) {
    const text = `provider "${id}" does not exist${didYouMean(id, providerIds())}`;
    return { at: member("provider")?.value.at ?? { line: 1, column: 1 }, text };
  }
  const given = member("provider_options");
  const said = options as Readonly<Record<string, string>>;
  const text =
    said.registration === "renew"
      ? 'option "registration": "renew" is an order for one write; declare "dynamic"'
      : checkServerOptions(provider, said, { allowHttp: true });
  const isWithoutClient = client === "" && !member("client_id") && needsClientId(provider, said);
  if (text === undefined) return isWithoutClient ? { text: 'it names no "client_id"' } : undefined;
  const named = /^option "([^"]+)"/.exec(text)?.[1] ?? "";
  const inside = given?.value.type === "object" ? member(named, given.value.members) : undefined;
  const at = inside?.at ?? given?.at;
  return { text, ...(at && { at }) };
}

/** The parameters of a write, with what its secret files hold. Throws `ConfigError`, which shows no secret. */
export function withSecrets({ name, parameters, secrets }: DeclaredServer): Required<ServerParameters> {
  const defaults = Object.fromEntries(FIELDS.map(([parameter, field]) => [parameter, field.default]));
  const read = Object.entries(secrets).map(([parameter, path]) => {
    const lines = contentOf(name, parameter, path).split(/\r?\n/);
    return [parameter, parameter === "client_secrets" ? lines : lines.join("\n")];
  });
  return { ...defaults, ...parameters, ...Object.fromEntries(read) } as Required<ServerParameters>;
}

/** Keys are shorter. Bytes. */
const LONGEST_SECRET = 1_048_576;

function contentOf(name: string, parameter: string, path: string): string {
  const of = `server "${name}", ${parameter}_file`;
  let text: string;
  try {
    text = readBounded(path, LONGEST_SECRET)
      .toString()
      .replace(/(?:\r?\n)+$/, "");
  } catch (error) {
    throw new ConfigError(`${of}: ${path} cannot be read (${errorCode(error)})`);
  }
  if (text === "") throw new ConfigError(`${of}: ${path} is empty`);
  return text;
}
