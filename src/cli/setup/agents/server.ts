import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { isLoopback } from "../../../process/proxies.ts";
import { BIN } from "../../frame/bin-path.ts";
import { type Environment, environment } from "../../frame/environment.ts";
import { usage } from "../../frame/fail.ts";
import type { Server } from "./agents.ts";

/** What was typed of an MCP server. */
export interface TypedServer {
  readonly url: string;
  /** The login, where it is not the one of that address. */
  readonly login?: string;
  /** The broker, where it was named. */
  readonly addr?: string;
  /** More options of `coatcheck mcp`. */
  readonly options: readonly string[];
}

/** The name, the command and its variables, and which variables were left out because they hold a secret. */
export function serverOf({ url, login, addr, options }: TypedServer): Server & { readonly leftOut: readonly string[] } {
  const { host, pathname } = checked(url, options);
  refuseSecrets(options);
  // The executable is both.
  const [command = "", ...ours] = BIN === process.execPath ? [BIN] : [process.execPath, realpathSync(BIN)];
  const named = login === undefined ? [] : ["--name", login];
  const { env, leftOut } = variables(addr === undefined ? environment() : { ...environment(), COATCHECK_ADDR: addr });
  const name = nameFrom(login ?? `${host}${pathname}`);
  return { name, command, args: [...ours, "mcp", url, ...named, ...options], env, leftOut };
}

function checked(text: string, options: readonly string[]): URL {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw usage(`"${text}" is not the address of an MCP server: give it as https://mcp.example.com/mcp`);
  }
  if (url.username + url.password !== "") {
    throw usage("the address has a password in it, which would stand in the agent's file: give it without one");
  }
  if (
    url.protocol === "http:" &&
    !isLoopback(url.hostname.replace(/^\[|\]$/g, "")) &&
    !options.includes("--allow-http")
  ) {
    throw usage(`"${text}" is not an https address: if it must be so, add -- --allow-http`);
  }
  return url;
}

/** A header's value may be a secret, and an agent's file is no place for one. */
function refuseSecrets(options: readonly string[]): void {
  const values = options.flatMap((option, at) => {
    if (option === "--header") return [options[at + 1] ?? ""];
    return option.startsWith("--header=") ? [option.slice("--header=".length)] : [];
  });
  if (values.some((value) => !value.startsWith("@"))) {
    throw usage("a header may hold a secret, which is not written: put it into a file, and give --header @FILE");
  }
}

/** Longer names make names of tools that some models refuse (64 characters with the tool's own). */
const LONGEST_NAME = 32;

/**
 * What an agent calls the server: letters, digits and hyphens, which is what all of them take; without the words that say
 * nothing. `https://mcp.example.com/mcp` is example-com.
 */
function nameFrom(text: string): string {
  const words = text.toLowerCase().split(/[^a-z0-9]+/);
  const telling = words.filter((word) => word !== "" && word !== "mcp" && word !== "www");
  const name = (telling.length > 0 ? telling : ["mcp"]).join("-").slice(0, LONGEST_NAME);
  return name.replace(/-$/, "");
}

/** Which broker, whose folders, and the way to it: agents pass on few variables of their own. */
const PASSED = [
  ...["COATCHECK_ADDR", "COATCHECK_ALLOW_NETWORKS", "XDG_CONFIG_HOME", "XDG_STATE_HOME"],
  ...["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"],
  "NODE_USE_SYSTEM_CA",
];

/** The same, and each is a path. */
const PASSED_PATHS = ["COATCHECK_CA_FILE", "NODE_EXTRA_CA_CERTS"];

/** A password in an address. */
const WITH_PASSWORD = /^(?:[a-z][\w+.-]*:\/\/)?[^/@]*@/i;

function variables(env: Environment): { readonly env: Record<string, string>; readonly leftOut: readonly string[] } {
  const set = [...PASSED, ...PASSED_PATHS].flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  const isSecret = ([, value]: readonly [string, string]) => WITH_PASSWORD.test(value);
  const passed = set.filter((one) => !isSecret(one));
  return {
    env: Object.fromEntries(
      passed.map(([name, value]) => [name, PASSED_PATHS.includes(name) ? resolve(value) : value]),
    ),
    leftOut: set.filter(isSecret).map(([name]) => name),
  };
}
