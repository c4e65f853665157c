import { CoatcheckError, type Operator } from "../../client/index.ts";
import { serverNameOf } from "../../mcp/server-name.ts";
import { OWN } from "../connect/broker.ts";
import { operatorOf } from "../connect/operator.ts";
import { CliError, failureOf, usage } from "../frame/fail.ts";
import type { ServerMembers } from "./server-flags.ts";

/** What was typed behind `login`, as a broker's server; a person's own broker adds one that it does not know. */
interface LoginServer {
  readonly server: string;
  readonly options?: Readonly<Record<string, string>>;
  /** A Matrix homeserver by its name or base URL. */
  readonly homeserver?: string;
  /** The endpoint of an MCP server; beside `homeserver` it is the one if it is not the other. */
  readonly endpoint?: string;
}

/** A name with a dot or a port; a plain word is a server that somebody has set up. */
const HOST_NAME = /^(?=.*[.:])[\w.-]+(:\d{1,5})?$/;
const USER_ID = /^@[^:\s]+:(\S+)$/;

/**
 * `example.org`, `@me:example.org` and `https://matrix.example.org` mean homeservers, where the broker is one's own; a URL with a
 * path an MCP server, and so does one without whose host is no homeserver.
 */
export function serverOf(typed: string, broker: string): LoginServer {
  // Elsewhere an operator has added it, by the name that is made of its URL.
  if (broker !== OWN) return { server: (/^https?:\/\//.test(typed) && serverNameOf(typed)) || typed };
  const server = USER_ID.exec(typed)?.[1];
  if (server !== undefined) return { server, homeserver: server, options: { user_id: typed } };
  if (/^https?:\/\//.test(typed) && URL.canParse(typed)) {
    const { host, pathname, search } = new URL(typed);
    if (pathname !== "/" || search !== "") return { server: serverNameOf(typed), endpoint: typed };
    return { server: host, homeserver: typed, endpoint: typed };
  }
  return HOST_NAME.test(typed) ? { server: typed, homeserver: typed } : { server: typed };
}

export function withOptions(login: LoginServer, more: Readonly<Record<string, string>>): LoginServer {
  return { ...login, options: { ...login.options, ...more } };
}

/** Whether it can be added where the broker does not know it. */
export function canBeAdded({ homeserver, endpoint }: LoginServer): boolean {
  return homeserver !== undefined || endpoint !== undefined;
}

/** Adds it to the person's own broker, which looks first whether it is one. */
export async function addServer(login: LoginServer, said?: ServerMembers): Promise<void> {
  const { endpoint } = login;
  if (said?.forMcp && endpoint === undefined)
    throw usage("these options are for the URL of an MCP server at your own broker; elsewhere its record has them");
  if (said && !canBeAdded(login))
    throw usage(
      "--redirect-uri is for what your own broker adds by itself, an MCP server or a homeserver; for others give it to coatcheck server add",
    );
  const { servers } = await operatorOf({ addr: OWN });
  await asEither(login, said, servers.write);
}

/** Rejects with what would keep it from being added, and adds nothing. */
export async function checkServer(login: LoginServer): Promise<void> {
  const { write } = await operatorOf({ addr: OWN });
  await asEither(login, undefined, (name, parameters) => write(`oauth2/check/servers/${name}`, parameters));
}

type Write = Operator["servers"]["write"];

/** As a homeserver, or else as an MCP server. */
async function asEither(login: LoginServer, said: ServerMembers | undefined, writeServer: Write): Promise<void> {
  const { server, endpoint } = login;
  const homeserver = said?.forMcp ? undefined : login.homeserver;
  const write = (provider: string, options: Readonly<Record<string, string>>) =>
    writeServer(server, { provider, provider_options: options, allow_sessions: true, ...said?.client });
  let other: CoatcheckError | undefined;
  try {
    if (homeserver !== undefined) return void (await write("matrix", { homeserver }));
  } catch (error) {
    if (!(error instanceof CoatcheckError)) throw error;
    if (endpoint === undefined || !isNone(error)) throw problemOf(login, error);
    other = error;
  }
  if (endpoint === undefined) return;
  await write("mcp", { url: endpoint, ...said?.options }).catch((error: unknown) => {
    if (!(error instanceof CoatcheckError)) throw error;
    throw other && isNone(error) ? problemOf(login, other, toldOf(error)) : endpointProblem(endpoint, error);
  });
}

function toldOf({ message }: CoatcheckError): string {
  return message.replace(/^option "url": /, "");
}

/** It answers, and is no homeserver. */
function isNone({ code, status = 0 }: CoatcheckError): boolean {
  return code !== "unsupported_grant_type" && status < 500;
}

function endpointProblem(endpoint: string, error: CoatcheckError): CliError {
  const { exit } = failureOf(error);
  const { code, status = 0 } = error;
  const told = toldOf(error);
  if (code === "unsupported_grant_type") return new CliError(code, told, { exit: 1 });
  const next = status >= 500 ? ["coatcheck", "login", endpoint] : ["coatcheck", "server", "add", "--help"];
  return new CliError(code, `nobody can sign in to ${endpoint}: ${told}`, { exit, next });
}

/** Whether another name, another time or another program is the way on. */
function problemOf(
  { server, homeserver = server, options }: LoginServer,
  error: CoatcheckError,
  otherwise?: string,
): CliError {
  const { code, message, status = 0 } = error;
  const { exit } = failureOf(error);
  if (code === "unsupported_grant_type")
    return new CliError(code, `${message}; sign in there with your Matrix client, not with Coatcheck`, { exit: 1 });
  if (status >= 500)
    return new CliError(code, `the homeserver "${server}" does not answer as it should: ${message}`, {
      exit,
      next: ["coatcheck", "login", options?.user_id ?? homeserver],
    });
  return new CliError(
    code,
    `your own broker has no server "${server}", and it is not a usable homeserver: ${message}${nor(otherwise)}`,
    { exit, next: ["coatcheck", "server", "add", "--help"] },
  );
}

function nor(otherwise: string | undefined): string {
  return otherwise === undefined ? "" : `; nor is it an MCP server: ${otherwise}`;
}
