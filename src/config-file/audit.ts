import { dirname, resolve } from "node:path";
import { type DeviceOptions, OptionProblem, planOf } from "../audit/open.ts";
import type { Mistake, PlacedMember } from "./document.ts";
import { unknownText } from "./settings.ts";

/** An audit device as a file declares it. */
export interface DeclaredDevice extends DeviceOptions {
  readonly name: string;
  readonly description: string;
}

/** One key of a declared device. */
export interface DeviceKey {
  readonly type: "text" | "path" | "switch";
  readonly description: string;
}

const KEYS: Readonly<Record<string, DeviceKey>> = {
  type: { type: "text", description: "`file` (also standard output) or `socket`" },
  description: { type: "text", description: "for people" },
  file_path: { type: "path", description: "the file, or `stdout`" },
  mode: { type: "text", description: "of a new file: 0600, 0640 or 0644" },
  address: { type: "text", description: "of a socket: HOST:PORT, or an absolute path" },
  socket_type: { type: "text", description: "`tcp` or `unix`" },
  prefix: { type: "text", description: "before each line of a socket or of standard output" },
  hmac_accessor: { type: "switch", description: "false shows accessors as they are" },
  elide_list_responses: { type: "switch", description: "true tells of lists how long they are" },
};

export const DEVICE_KEYS: ReadonlyMap<string, DeviceKey> = new Map(Object.entries(KEYS));

/** What is declared, as far as it can be read, and all that is wrong with it. Opens nothing. */
export function declaredDevices(
  members: readonly PlacedMember[],
  path: string,
): { readonly devices: readonly DeclaredDevice[]; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const devices = members.flatMap((member) => declared(member, path, mistakes) ?? []);
  return { devices, mistakes };
}

function declared(
  { key: name, at, value }: PlacedMember,
  path: string,
  mistakes: Mistake[],
): DeclaredDevice | undefined {
  if (!/^\w[\w-]*$/.test(name)) mistakes.push({ ...at, text: `"${name}" cannot be the name of an audit device` });
  if (value.type !== "object") {
    mistakes.push({ ...value.at, text: `the audit device "${name}" must be an object` });
    return undefined;
  }
  const texts: Record<string, string> = {};
  const before = mistakes.length;
  for (const { key, at: place, value: given } of value.members) {
    const known = DEVICE_KEYS.get(key);
    const text = known && given.type === "value" ? textOf(known, given.value, path) : undefined;
    if (!known) mistakes.push({ ...place, text: unknownText(key, [...DEVICE_KEYS.keys()]) });
    else if (text === undefined)
      mistakes.push({ ...given.at, text: `"${key}" must be ${known.type === "switch" ? "true or false" : "a text"}` });
    else texts[key] = text;
  }
  const { type, description = "", ...options } = texts;
  if (type !== "file" && type !== "socket") {
    mistakes.push({ ...at, text: `the audit device "${name}" names no "type": file or socket` });
    return undefined;
  }
  const problem = mistakes.length > before ? undefined : problemOf({ type, options });
  if (problem !== undefined) mistakes.push({ ...at, text: `the audit device "${name}": ${problem}` });
  return { name, type, description, options };
}

function textOf({ type }: DeviceKey, value: unknown, path: string): string | undefined {
  if (type === "switch") return typeof value === "boolean" ? String(value) : undefined;
  if (typeof value !== "string") return undefined;
  // As every path in the file; what is no path means itself.
  return type === "path" && !["", "stdout", "discard"].includes(value) ? resolve(dirname(path), value) : value;
}

/** What an enable would be refused for, as far as nothing has to be opened. */
function problemOf(device: DeviceOptions): string | undefined {
  try {
    planOf(device);
    return undefined;
  } catch (error) {
    if (error instanceof OptionProblem) return error.message;
    throw error;
  }
}
