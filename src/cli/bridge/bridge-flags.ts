import type { ToolPolicy } from "../../mcp/tool-policy.ts";
import type { ServerFlags } from "../sign-in/server-flags.ts";

/** The options of `coatcheck mcp`: name, whether it takes a value, whether it may come more than once, and what it says. */
export const BRIDGE_OPTIONS = [
  { name: "--name", value: "<name>", about: "name of the login on this machine (default: from the address)" },
  {
    name: "--scopes",
    value: "<list>",
    about: "scopes to request, separated by commas (default: what the server asks for)",
  },
  {
    name: "--header",
    value: "<header>",
    many: true,
    about: "send it to the server as well: Name: value, or @FILE with one on each line",
  },
  { name: "--allow-tools", value: "<globs>", many: true, about: "list and call only these tools, separated by commas" },
  { name: "--deny-tools", value: "<globs>", many: true, about: "neither list nor call these tools" },
  {
    name: "--timeout",
    value: "<seconds>",
    about: "give a silent server up after so long; 0 = never (default: 300 until an answer begins)",
  },
  { name: "--direct", about: "ask the server from this process, with a token that is fetched for each request" },
  { name: "--client-id", value: "<id>", about: "the client to sign in as, where the server has no registration" },
  { name: "--client-secret-file", value: "<path>", about: "file with its secret" },
  { name: "--registration", value: "<way>", about: "how to become a client: static, cimd or dynamic" },
  { name: "--client-metadata-url", value: "<url>", about: "a client metadata document of your own" },
  { name: "--resource", value: "<value>", about: "name the server to its authorization server by this" },
  { name: "--no-resource", about: "do not name the server to its authorization server" },
  { name: "--auth-param", value: "<key=value>", many: true, about: "add a parameter to the authorization request" },
  { name: "--use-id-token", about: "send the id token instead of the access token" },
  { name: "--allow-http", about: "allow http to this host" },
  { name: "--addr", value: "<address>", about: "the broker: https://… or unix:PATH (COATCHECK_ADDR)" },
  {
    name: "--ca-file",
    value: "<path>",
    about: "certificates of authorities to trust as well, in PEM (COATCHECK_CA_FILE)",
  },
] as const satisfies readonly BridgeOption[];

interface BridgeOption {
  readonly name: string;
  readonly value?: string;
  readonly many?: boolean;
  readonly about: string;
}

/** What was typed: a word, several, or that the option is there. */
export type BridgeFlags = Readonly<Record<string, string | readonly string[] | true>>;

export interface BridgeArguments {
  /** The address of the server, or the name of a login. */
  readonly target: string;
  readonly flags: BridgeFlags;
}

/** Undefined: something is missing or not known, which the whole command explains. */
export function parseBridgeArguments(args: readonly string[]): BridgeArguments | undefined {
  const flags: Record<string, string | readonly string[] | true> = {};
  let target: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (!word.startsWith("-")) {
      if (target !== undefined) return undefined;
      target = word;
      continue;
    }
    const [name = "", inside] = word.split(/=(.*)/s);
    const option: BridgeOption | undefined = BRIDGE_OPTIONS.find((one) => one.name === name);
    if (!option || (option.value === undefined && inside !== undefined)) return undefined;
    const value = option.value === undefined ? true : (inside ?? args[++at]);
    if (value === undefined) return undefined;
    const before = flags[name];
    flags[name] = option.many && typeof value === "string" ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return target === undefined ? undefined : { target, flags };
}

export function textFlag(flags: BridgeFlags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

export function listFlag(flags: BridgeFlags, name: string): readonly string[] {
  const value = flags[name];
  return Array.isArray(value) ? value : [];
}

/** MCP-B6: `--allow-tools` and `--deny-tools`. */
export function toolPolicyOf(flags: BridgeFlags): ToolPolicy {
  const globs = (name: string) =>
    listFlag(flags, name).flatMap((list) => list.split(/[\s,]+/).filter((glob) => glob !== ""));
  const [allow, deny] = [globs("--allow-tools"), globs("--deny-tools")];
  return { ...(flags["--allow-tools"] !== undefined && { allow }), ...(deny.length > 0 && { deny }) };
}

/** MCP-R1, MCP-L7: what `coatcheck login` is told of the server by the same options. */
export function serverFlagsOf(flags: BridgeFlags): ServerFlags {
  const text = (name: string, key: keyof ServerFlags) => {
    const value = textFlag(flags, name);
    return value === undefined ? {} : { [key]: value };
  };
  const authParam = listFlag(flags, "--auth-param");
  return {
    ...text("--client-id", "clientId"),
    ...text("--client-secret-file", "clientSecretFile"),
    ...text("--registration", "registration"),
    ...text("--client-metadata-url", "clientMetadataUrl"),
    ...text("--resource", "resource"),
    ...(flags["--no-resource"] === true && { resource: false }),
    ...(authParam.length > 0 && { authParam }),
    ...(flags["--use-id-token"] === true && { useIdToken: true }),
    ...(flags["--allow-http"] === true && { allowHttp: true }),
  };
}
