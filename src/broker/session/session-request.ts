import { didYouMean, OPERATORS_OPTIONS } from "../../providers/index.ts";
import { LONGEST_LABEL } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { splitScopes } from "../record/grant.ts";
import { openContent } from "../record/records.ts";
import { ofFirst } from "../record/rows.ts";
import { settingsOf } from "../record/settings.ts";
import { type Operation, openOperation } from "../server/operation.ts";
import { orRefuse, ServerProblem } from "../server/resolve-server.ts";
import { NO_SESSION_ACCESS, type ServerRecord } from "../server/server-record.ts";
import { requirePatterns } from "../server/session-access.ts";
import { isStrangers } from "../server/strangers.ts";
import type { Caller, SessionInput } from "../sessions.ts";

/** A login that is asked for, and may be started. */
export interface SessionRequest {
  readonly operation: Operation;
  readonly input: SessionInput;
  readonly caller: Caller;
  readonly scopes: readonly string[];
  /** Who wants the broker's own page, whatever the provider has. */
  readonly page?: "operator" | "program";
}

/** Checks what a program asks for, the cheapest first; nothing is asked upstream. Throws `BrokerError`. */
export async function checkRequest(
  context: Context,
  mount: string,
  input: SessionInput,
  caller: Caller,
): Promise<SessionRequest> {
  checkInput(input);
  const name = input.server === "" ? (await settingsOf(context, mount)).defaultServer : input.server;
  if (name === "") throw await missing(context, mount, caller);
  const opened = await openOperation(context, mount, input);
  const { sessions: access = NO_SESSION_ACCESS } = opened instanceof ServerProblem ? {} : opened.server.record;
  if (!caller.trusted && !access.allowed) throw await notAllowed(context, mount, caller, name);
  const isMissing = opened instanceof ServerProblem && opened.reason === "server_missing";
  if (isMissing) throw await noServer(context, mount, caller, name);
  const asked = orRefuse(opened);
  const whose = caller.trusted ? {} : { network: caller.network };
  const operation = { ...asked, ...whose, stranger: !caller.trusted && isStrangers(asked.server) };
  if (input.expectedAccount !== "") requireAccounts(operation);
  if (!caller.trusted) requireNoOperatorsOption(input);
  const request = { operation, input, caller, scopes: splitScopes(input.scopes) };
  if (access.flow === "page") return { ...request, page: "operator" };
  return input.flow === "page" ? { ...request, page: "program" } : request;
}

const LONGEST_ACCOUNT = 255;
const INVISIBLE = /[\p{Cc}\p{Cf}]/u;

/** Fails closed: a login whose account nobody tells could never be the expected one. */
function requireAccounts({ server: { provider } }: Operation): void {
  if (provider.openid || provider.account || provider.apiServer?.account) return;
  throw invalid("expected_account cannot be used: this provider does not say who signs in");
}

function requireNoOperatorsOption({ providerOptions }: SessionInput): void {
  const given = OPERATORS_OPTIONS.find((name) => (providerOptions[name] ?? "") !== "");
  if (given !== undefined) throw invalid(`option "${given}" is only for operators: send an operator's token`);
}

function checkInput({ label, flow, coalesce, expectedAccount, tools }: SessionInput): void {
  if (label.length > LONGEST_LABEL || INVISIBLE.test(label)) {
    throw invalid(`label may have at most ${LONGEST_LABEL} characters, and no invisible ones`);
  }
  if (expectedAccount.length > LONGEST_ACCOUNT || INVISIBLE.test(expectedAccount)) {
    throw invalid(`expected_account may have at most ${LONGEST_ACCOUNT} characters, and no invisible ones`);
  }
  requirePatterns(tools);
  if (flow !== "" && flow !== "page") throw invalid('flow must be empty or "page"');
  if (coalesce !== "" && !/^[\x21-\x7e]{32,128}$/.test(coalesce)) {
    throw invalid("coalesce must be a secret of 32 to 128 printable characters");
  }
}

async function missing(context: Context, mount: string, caller: Caller): Promise<BrokerError> {
  const { text, servers } = await choice(context, mount, caller);
  return new BrokerError("refused", `missing server${text}`, { servers });
}

/** Whether there is such a server is nothing to tell a stranger: one text for both. */
async function notAllowed(context: Context, mount: string, caller: Caller, name: string): Promise<BrokerError> {
  const cause = "this server does not exist, or starting a session with it requires an operator's token";
  const { text, servers } = await choice(context, mount, caller, name);
  return new BrokerError("forbidden", `${cause}${text}`, { code: "permission_denied", servers });
}

async function noServer(context: Context, mount: string, caller: Caller, name: string): Promise<BrokerError> {
  const { text, servers } = await choice(context, mount, caller, name);
  return new BrokerError("refused", `server "${name}" does not exist${text}`, { reason: "server_missing", servers });
}

/** Records looked at, and names said: a sentence is no list. */
const MOST_SERVERS = 50;
const MOST_NAMES = 10;

interface Choice {
  /** The end of a sentence; the one that was probably meant first. */
  readonly text: string;
  readonly servers: readonly string[];
}

/** The servers that this caller may use. */
async function choice(context: Context, mount: string, { trusted }: Caller, name = ""): Promise<Choice> {
  const isOpen = (row: Row) => trusted || openContent<ServerRecord>(context, row).sessions?.allowed === true;
  const rows = await ofFirst(context, { mount, kind: "server", limit: MOST_SERVERS }, isOpen);
  const servers = rows.flatMap(([row, open]) => (open ? row.name : []));
  if (servers.length === 0) {
    const none = trusted
      ? "there are no servers yet"
      : "no server is open to everybody (its operator sets allow_sessions)";
    return { text: `; ${none}`, servers };
  }
  const more = servers.length > MOST_NAMES ? " …" : "";
  const said = `${trusted ? "servers" : "open to everybody"}: ${servers.slice(0, MOST_NAMES).join(", ")}${more}`;
  return { text: `${didYouMean(name, servers)}; ${said}`, servers };
}
