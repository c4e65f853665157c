import type { Command } from "commander";
import { brokerAddress, OWN } from "../../connect/broker.ts";
import { atBroker } from "../../connect/find-login.ts";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../../connect/operator.ts";
import { define, group, run } from "../../frame/command.ts";
import { CliError, usage } from "../../frame/fail.ts";
import { type Output, shellWords } from "../../frame/output.ts";
import { parseParameters } from "../../frame/parameters.ts";
import { showAnswer } from "../../frame/show-answer.ts";
import type { ImportFlags } from "../../import/import.ts";
import type { ServerForm } from "../../sign-in/server-form.ts";

interface AddFlags extends OperatorFlags {
  readonly provider?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly redirectUri?: string;
  readonly option: readonly string[];
  readonly sessions: boolean;
}

export function serverCommand(): Command {
  return group("server", "Manage the authorization servers that the broker knows.", [
    ["coatcheck server add github --provider github --client-id ID", ""],
    ["coatcheck server add corp --provider oidc --option issuer_url=https://sso.example.com --client-id ID", ""],
    ["coatcheck server list", ""],
  ])
    .addCommand(serverAdd())
    .addCommand(serverImport())
    .addCommand(serverShow())
    .addCommand(serverList())
    .addCommand(serverRemove());
}

function serverAdd(): Command {
  return define("add", "Add or replace a server record. Programs may start logins with it.", [
    ["coatcheck server add github --provider github --client-id ID", ""],
    [
      "coatcheck server add corp --provider oidc --option issuer_url=https://sso.example.com --client-id ID --client-secret @file",
      "",
    ],
  ])
    .argument("<name>")
    .option("--provider <provider>", "see docs/providers.md")
    .option("--client-id <id>", "client identifier")
    .option("--client-secret <source>", "@FILE, or - for standard input")
    .option("--option <key=value>", "a provider option; may be repeated", (one, all: string[]) => [...all, one], [])
    .option(
      "--redirect-uri <uri>",
      "where browsers come back to your own broker, as registered at the provider (default http://127.0.0.1:8214/callback)",
    )
    .option("--no-sessions", "require an operator's token to start logins with this server")
    .option(...TOKEN_FILE)
    .action(
      run<AddFlags>(async (out, [name = ""], { sessions, ...flags }) => {
        const parameters = { ...(await recordOf(out, flags)), allow_sessions: sessions };
        const answer = await (await operatorOf(flags)).servers.write(name, parameters);
        for (const warning of answer?.warnings ?? []) out.warn(warning);
        const next = ["coatcheck", "login", name, ...atBroker(flags.addr)];
        out.result(`server ${name} has been set up; to sign in: ${shellWords(next)}`, { name });
        const { needsWayBack } = await import("../../sign-in/server-form.ts");
        if (brokerAddress(flags.addr) === OWN && needsWayBack(flags.provider ?? ""))
          out.note(`The redirect URI that is registered at the provider must be ${await callbackOf(flags)}`);
      }),
    );
}

/** The record as it is written. */
async function recordOf(out: Output, flags: Omit<AddFlags, "sessions">) {
  const { provider, clientId, clientSecret, redirectUri, option } = flags;
  if (provider === undefined) throw usage("name the provider: --provider github, oidc … (docs/providers.md)");
  const secret = clientSecret === undefined ? {} : await parseParameters([`client_secret=${clientSecret}`]);
  const given: ServerForm = {
    provider,
    options: await parseParameters(option),
    ...(clientId !== undefined && { clientId }),
    ...(secret.client_secret !== undefined && { clientSecret: String(secret.client_secret) }),
  };
  // What is known of providers is for this command alone.
  const { completeServer } = await import("../../sign-in/server-form.ts");
  const form = await completeServer(out, given, () => callbackOf(flags));
  return {
    provider,
    ...(form.clientId !== undefined && { client_id: form.clientId }),
    ...(form.clientSecret !== undefined && { client_secret: form.clientSecret }),
    provider_options: form.options,
    ...(redirectUri !== undefined && { redirect_uri: redirectUri }),
  };
}

/** Where a provider sends people back to: what the broker says, or what its address says; a socket has no such address. */
async function callbackOf(
  flags: OperatorFlags & Pick<AddFlags, "redirectUri" | "provider">,
): Promise<string | undefined> {
  if (flags.redirectUri !== undefined) return flags.redirectUri;
  const told = await (await operatorOf(flags)).read("sys/mounts/oauth2");
  const { options } = (told?.data ?? {}) as { readonly options?: { readonly callback_url?: string } | null };
  const address = brokerAddress(flags.addr);
  const ofAddress = URL.parse("v1/oauth2/callback", `${address}/`)?.href;
  const { acceptedCallback } = await import("../../sign-in/server-form.ts");
  const usual = options?.callback_url ?? (/^https?:/.test(address) ? ofAddress : undefined);
  return acceptedCallback(flags.provider ?? "", usual);
}

function serverImport(): Command {
  const collect = (one: string, all: string[]) => [...all, one];
  return define("import", "Take over servers and logins from another program, as far as that needs no new login.", [
    ["coatcheck server import git-credential-oauth", "shows the plan, and asks"],
    ["coatcheck server import oauthapp https://vault.example.com:8200 --dry-run", "only shows the plan"],
    ["oidc-gen --print NAME | coatcheck server import oidc-agent - --yes", ""],
    ["coatcheck server import mcp-remote https://mcp.example.com/mcp", ""],
  ])
    .argument("<source>", "oauthapp, mytoken, oidc-agent, git-credential-oauth, gcm, gh or mcp-remote")
    .argument("[from...]", "an address or a file; - for standard input")
    .option("--yes", "do it without a question")
    .option("--dry-run", "only show what would be taken over, and what cannot be")
    .option("--as <name>", "another name for the server and its login, where it is one")
    .option("--no-sessions", "require an operator's token to start logins with these servers")
    .option("--mount <path>", "oauthapp: where the engine is", "oauth2")
    .option("--source-token-file <path>", "oauthapp: the token there (VAULT_TOKEN, ~/.vault-token)")
    .option("--client-secret <name=source>", "oauthapp: a client's secret, NAME=@FILE; may be repeated", collect, [])
    .option("--issuer <url>", "mcp-remote: the authorization server, where the MCP server does not name it")
    .option(...TOKEN_FILE)
    .action(
      run<ImportFlags>(async (out, args, flags) => {
        const { importFrom } = await import("../../import/import.ts");
        await importFrom(out, args, flags);
      }),
    );
}

function serverShow(): Command {
  return define("show", "Show a server record, without its secrets.", [["coatcheck server show github", ""]])
    .argument("<name>")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [name = ""], flags) => {
        const answer = await (await operatorOf(flags)).servers.read(name);
        if (!answer) throw new CliError("not_found", `there is no server "${name}"`);
        showAnswer(out, answer);
      }),
    );
}

function serverList(): Command {
  return define("list", "List the server records.", [["coatcheck server list", ""]])
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, _args, flags) => {
        const servers = await (await operatorOf(flags)).servers.list();
        if (servers.length === 0)
          out.note("There are no servers. To add one: coatcheck server add NAME --provider PROVIDER");
        if (servers.length > 0 || out.json) out.result(servers, { servers });
      }),
    );
}

function serverRemove(): Command {
  return define(
    "rm",
    "Remove a server record. Its credentials stay, and work again once a server with the same name is added.",
    [["coatcheck server rm github", ""]],
  )
    .argument("<name>")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [name = ""], flags) => {
        if (name === "") throw usage("name the server");
        await (await operatorOf(flags)).servers.delete(name);
        out.result(`server ${name} has been removed`, { name });
      }),
    );
}
