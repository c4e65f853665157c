import type { Command } from "commander";
import { requireKnownServer } from "../../connect/known-server.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../../connect/operator.ts";
import { define, run } from "../../frame/command.ts";
import { usage } from "../../frame/fail.ts";
import { type Output, shellWords } from "../../frame/output.ts";
import { columns } from "../../frame/table.ts";
import { type CredentialPage, credentialPages, type ListedCredential } from "../../operate/credentials.ts";
import { accountText } from "../../operate/explain.ts";
import { whenText } from "../../terminal/duration.ts";

const STATUSES = ["pending", "issued", "failed", "failing"];

type Flags = OperatorFlags & {
  readonly status?: string;
  readonly server?: string;
  readonly limit: string;
  readonly after?: string;
  readonly all?: boolean;
};

export function credsCommand(): Command {
  return define("creds", "List credentials with their state (for operators).", [
    ["coatcheck creds", "the first 100"],
    ["coatcheck creds --status failing", "those that have failed, or that something is wrong with"],
    ["coatcheck creds team/ --server github", "those below a prefix that belong to one server"],
    ["coatcheck why oauth2/creds/NAME", "what happened to one of them"],
  ])
    .argument("[prefix]", "only names below this one")
    .option("--status <status>", `only ${STATUSES.join(", ")} (failed, or with trouble)`)
    .option("--server <name>", "only credentials of this server")
    .option("--limit <number>", "maximum number of credentials", "100")
    .option("--after <name>", "start after this name, for the next page")
    .option("--all", "every page, one after the other")
    .option(...TOKEN_FILE)
    .action(run<Flags>((out, [prefix = ""], flags) => list(out, below(prefix), flags)));
}

/** As the broker takes it: with a slash at its end, or empty. */
function below(prefix: string): string {
  const plain = prefix.replace(/^\/+|\/+$/g, "");
  return plain === "" ? "" : `${plain}/`;
}

async function list(out: Output, prefix: string, flags: Flags): Promise<void> {
  const { status, server, after, all = false } = flags;
  if (status !== undefined && !STATUSES.includes(status)) {
    throw usage(`unknown status "${status}": give one of ${STATUSES.join(", ")}`);
  }
  const query = { status, server, after, limit: all ? ALL_PAGE : limitOf(flags) };
  let shown = 0;
  const operator = await operatorOf(flags);
  for await (const page of credentialPages(operator, prefix, query)) {
    if (shown === 0 && page.credentials.length === 0) await requireKnownServer(operator, server);
    show(out, page, shown === 0);
    shown += page.credentials.length;
    if (all) continue;
    if (page.next !== undefined) out.note(`There are more: ${shellWords(nextPage(prefix, page.next, flags))}`);
    break;
  }
  if (shown === 0) out.note((status ?? server ?? prefix) ? "No credential is like that." : "There are no credentials.");
}

/** Lines that are printed at once. */
const ALL_PAGE = 1_000;
const MOST = 1_000_000;

function limitOf({ limit }: Flags): number {
  const number = Number(limit);
  if (/^\d+$/.test(limit) && number >= 1 && number <= MOST) return number;
  throw usage(`--limit must be a number from 1 to ${MOST}`);
}

function show(out: Output, page: CredentialPage, isFirst: boolean): void {
  const rows = columns(["NAME", "STATUS", "SERVER", "ACCOUNT", "EXPIRES", "TROUBLE"], page.credentials.map(rowOf));
  if (out.json || page.credentials.length > 0) out.result(isFirst ? rows : rows.slice(1), page);
}

function rowOf(one: ListedCredential): readonly string[] {
  const { name, status = "damaged", server = "", expire_time, reason = "" } = one;
  return [name, status, server, accountText(one), expire_time === undefined ? "" : whenText(expire_time), reason];
}

function nextPage(prefix: string, after: string, { status, server, limit, addr, tokenFile }: Flags): readonly string[] {
  const given = { status, server, limit: limit === "100" ? undefined : limit, addr, "token-file": tokenFile };
  const more = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  return ["coatcheck", "creds", ...(prefix === "" ? [] : [prefix]), ...more, "--after", after];
}
