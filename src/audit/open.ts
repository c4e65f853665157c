import { isAbsolute } from "node:path";
import { isPrefix } from "./resume.ts";
import { type IsNamed, openFile, openSocket, openStdout, type Sink, type SocketAddress } from "./sink.ts";

/** As it is kept. */
export interface DeviceOptions {
  readonly type: "file" | "socket";
  /** As they were given. */
  readonly options: Readonly<Record<string, string>>;
}

/** An option that is wrong or not offered; its message is for whoever sent it. */
export class OptionProblem extends Error {
  override readonly name = "OptionProblem";
}

const OPTIONS = {
  file: ["file_path", "path", "mode", "hmac_accessor", "prefix", "elide_list_responses"],
  socket: ["address", "socket_type", "hmac_accessor", "prefix", "elide_list_responses"],
} as const;

/** Understood, and never offered. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["log_raw", "log_raw is not offered: no value is written in clear"],
  ["format", "format: lines are JSON"],
]);
const SAME_AS_USUAL: ReadonlyMap<string, readonly string[]> = new Map([
  ["log_raw", ["false", "0", ""]],
  ["format", ["json", ""]],
]);

export interface DevicePlan {
  readonly prefix: string;
  readonly hmacAccessor: boolean;
  readonly elidesLists: boolean;
  /** Of a file. */
  readonly path?: string;
  open(isNamed: IsNamed): { readonly sink: Sink; readonly tail?: Uint8Array };
}

/** What is opened for a device, once it is. Throws `OptionProblem`. */
export function planOf({ type, options }: DeviceOptions): DevicePlan {
  for (const [name, value] of Object.entries(options)) checkOption(type, name, value);
  const prefix = options.prefix ?? "";
  if (!isPrefix(prefix)) throw new OptionProblem('prefix may have at most 256 printable ASCII characters, and no "{"');
  return {
    prefix,
    hmacAccessor: switchOf(options, "hmac_accessor", true),
    elidesLists: switchOf(options, "elide_list_responses", false),
    ...(type === "file" ? fileOf(options) : { open: openerOfSocket(options) }),
  };
}

function checkOption(type: DeviceOptions["type"], name: string, value: string): void {
  const known: readonly string[] = OPTIONS[type];
  if (known.includes(name) || SAME_AS_USUAL.get(name)?.includes(value)) return;
  throw new OptionProblem(
    REFUSED.get(name) ?? `"${name}" is no option of a ${type} device: it has ${known.join(", ")}`,
  );
}

function switchOf(options: Readonly<Record<string, string>>, name: string, fallback: boolean): boolean {
  const value = options[name] ?? String(fallback);
  if (!["true", "false", "1", "0"].includes(value)) throw new OptionProblem(`${name} must be true or false`);
  return value === "true" || value === "1";
}

/** Whoever may enable a device must not be able to write a program, or a key that lets somebody in (ST-120). */
function fileOf(options: Readonly<Record<string, string>>): Pick<DevicePlan, "path" | "open"> {
  const { file_path, path = file_path, mode = "0600", prefix = "" } = options;
  if (path === undefined || path === "") throw new OptionProblem("file_path is required: the file, or stdout");
  if (path === "stdout") return { open: () => ({ sink: openStdout() }) };
  if (path === "discard") throw new OptionProblem('file_path "discard" is not offered: disable the device instead');
  if (!isAbsolute(path)) throw new OptionProblem("file_path must be absolute: /var/log/…");
  if (prefix !== "") throw new OptionProblem("prefix is for sockets and stdout: a file has its lines as they are");
  if (!/^0?[0-7]{3}$/.test(mode) && mode !== "0000") throw new OptionProblem("mode must be octal, such as 0600");
  const bits = Number.parseInt(mode, 8);
  if ((bits & EXECUTED_OR_OTHERS) !== 0)
    throw new OptionProblem("mode lets nobody else write and nobody run it: give 0600, 0640 or 0644");
  return { path, open: () => openFile(path, bits === 0 ? undefined : bits) };
}

/** Execution for anybody, writing for any but the owner. */
const EXECUTED_OR_OTHERS = 0o133;

function openerOfSocket({ address = "", socket_type: kind = "tcp" }: Readonly<Record<string, string>>) {
  const where = socketAt(kind, address);
  return (isNamed: IsNamed) => ({ sink: openSocket(where, isNamed) });
}

function socketAt(kind: string, address: string): SocketAddress {
  if (kind === "unix" && isAbsolute(address)) return { path: address };
  const [, host = "", port = ""] =
    /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(address)?.filter((one) => one !== undefined) ?? [];
  if (kind === "tcp" && host !== "" && Number(port) > 0 && Number(port) < 65_536) return { host, port: Number(port) };
  if (kind !== "tcp" && kind !== "unix") {
    throw new OptionProblem("socket_type must be tcp or unix: a datagram can get lost, and nobody would know");
  }
  throw new OptionProblem(kind === "unix" ? "address must be the path of the socket" : "address must be HOST:PORT");
}
