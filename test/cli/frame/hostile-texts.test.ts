import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Command } from "commander";
import { answerOidc } from "../../../src/cli/agent/oidc-agent.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { CliError } from "../../../src/cli/frame/fail.ts";
import { createOutput } from "../../../src/cli/frame/output.ts";
import { buildProgram, runProgram } from "../../../src/cli/frame/program.ts";
import { visible, visibleJson } from "../../../src/cli/frame/visible.ts";
import { complaint } from "../../../src/cli/helpers/protocol.ts";
import { keepLogin } from "../../support/person/kept-login.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Clipboard (OSC 52), title, erased line and screen (7 and 8 bits), overwriting, direction, hidden and zero-width characters, a line of its own. */
const HOSTILE =
  "\x1b]52;c;ZXZpbA==\x07\x1b]0;title\x1b\\\x1b[2K\r\x9b2J\x08\x7f\u202eright\u2066\u200b\ufeff\u00ad\u115f\ufe0f\u{e0041}\x00\t\nforged: line\u2028\u0085";

/** What no terminal may get from anybody but us; a line's end is ours. */
const POWER = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Alone with `--color always`: without it the same texts are searched for these too. */
const ESCAPE = "\x1b";
const OUR_STYLES = new RegExp(`${ESCAPE}\\[\\d+m`, "g");

/** Command → how it is made to say what the broker said. `H` is a login here, `U` the hostile server. */
const SAYS: Readonly<Record<string, readonly string[]>> = {
  login: ["login H --no-wait", "login other", "login --resume H"],
  status: ["status H", "status oauth2/creds/x"],
  token: ["token H"],
  header: ["header H"],
  curl: ["curl H -- https://api.example"],
  exec: ["exec H -- true"],
  list: ["list", "list oauth2/creds"],
  logout: ["logout H"],
  why: ["why H", "why oauth2/creds/x"],
  creds: ["creds", "creds --status failing"],
  doctor: ["doctor"],
  setup: ["setup netrc api.example H", "setup kubectl me H"],
  read: ["read oauth2/creds/x", "read oauth2/creds/x --field text"],
  write: ["write oauth2/creds/x a=b", "write oauth2/creds/x a=b --field text"],
  delete: ["delete oauth2/creds/x"],
  "server add": ["server add x --provider github --client-id y"],
  "server import": ["server import oauthapp U --dry-run"],
  "server show": ["server show x"],
  "server list": ["server list"],
  "server rm": ["server rm x"],
  "session list": ["session list"],
  "session end": ["session end x", "session end --since 2h"],
  "keys status": ["keys status"],
  "keys rotate": ["keys rotate"],
  "keys forget": ["keys forget abc"],
  walk: ["walk U --allow-networks loopback", "walk U --allow-networks loopback --reveal --as curl"],
  agent: ["agent --stop"],
  top: ["top --count 1"],
  "config plan": ["config plan FILE"],
  "config apply": ["config apply FILE"],
  "audit enable": ["audit enable file file_path=/x"],
  "audit list": ["audit list"],
  "audit disable": ["audit disable file"],
  "audit verify": ["audit verify LINES"],
  "operator login": ["operator login", "operator login --method cert name=x"],
  "operator logout": ["operator logout"],
};

/**
 * These say nothing of somebody else: the broker's own files, and what a shell is told. What `mcp` writes for its agent is JSON; for
 * people it has one door of its own (cli/bridge/agent-side), which shows what would drive a terminal.
 */
const SILENT = [
  "completion",
  "config check",
  "config schema",
  "broker status",
  "broker stop",
  "broker restart",
  "broker logs",
  "docs",
  "mcp",
  "serve",
  "migrate",
  "backup",
  "restore",
  "credential",
];

const [PLAIN, COLOURED, JSON_LINES] = [["--color", "never"], ["--color", "always"], ["--json"]];

const ANSWERS = {
  good: { status: 200, state: "active", asked: [PLAIN, COLOURED, JSON_LINES] },
  waiting: { status: 200, state: "pending", asked: [PLAIN] },
  over: { status: 200, state: "failed", asked: [PLAIN] },
  refused: { status: 400, state: HOSTILE, asked: [PLAIN, JSON_LINES] },
} as const;

type Kind = keyof typeof ANSWERS;

test("ST-8 no command passes on to a terminal what would drive it", async (t) => {
  const broker = await hostileBroker(t);
  const run = await inThisProcess(t, broker.address);
  const leaves: string[] = [];
  const visit = (command: Command, path: string) => {
    for (const one of command.commands) visit(one, `${path} ${one.name()}`.trim());
    if (command.commands.length === 0) leaves.push(path);
  };
  visit(await buildProgram(Object.values(COMMANDS)), "");
  assert.deepEqual(leaves.sort(), [...Object.keys(SAYS), ...SILENT].sort(), "a new command says how it is driven here");
  let told = 0;
  for (const line of Object.values(SAYS).flat()) {
    for (const kind of Object.keys(ANSWERS) as Kind[]) {
      for (const how of ANSWERS[kind].asked) {
        broker.answer(kind);
        const said = await run(line.replace("U", broker.address), how);
        const what = `${line} (${kind}, ${how.join(" ")})`;
        if (said.includes("52;c;ZXZpbA==")) told++;
        assert.doesNotMatch(how === COLOURED ? said.replaceAll(OUR_STYLES, "") : said, POWER, what);
        // A field alone may have lines.
        if (!line.includes("--field")) assert.doesNotMatch(said, /^forged/m, what);
      }
    }
  }
  assert.ok(told > 80, `the broker's texts were shown ${told} times`);
});

test("ST-8 a text shows what it hides, and JSON keeps its value", () => {
  assert.equal(visible("a\x1b[2Kb\r\n\u202e\u{e0041}\ud800é中"), "a\\u001b[2Kb\\r\\n\\u202e\\u{e0041}\\ud800é中");
  const json = visibleJson({ [HOSTILE]: [HOSTILE, "é中"] });
  assert.doesNotMatch(json, /(?!\n)\p{Cc}/u);
  assert.deepEqual(JSON.parse(json), { [HOSTILE]: [HOSTILE, "é中"] });
});

test("ST-8 what other programs print for us is visible too", async () => {
  const failure = new CliError(HOSTILE, HOSTILE, { next: ["coatcheck", HOSTILE] });
  assert.match(complaint(failure), /^coatcheck: [^\p{Cc}]+; run: [^\p{Cc}]+\n$/u);
  const sessions = { find: () => Promise.reject(failure) } as unknown as Parameters<typeof answerOidc>[0];
  const answer = await answerOidc(sessions, { request: "access_token", account: "x" });
  assert.doesNotMatch(Object.values(answer).join(""), POWER);
});

/** A broker, or a homeserver, whose every text is hostile. */
async function hostileBroker(t: TestContext) {
  let kind: Kind = "good";
  let looks = 0;
  const server = createServer((request, response) => {
    request.resume();
    const { status, state: first } = ANSWERS[kind];
    // Who waits for a person is not to wait for ever.
    const state = first === "pending" && request.url?.startsWith("/session?") && looks++ > 0 ? "failed" : first;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(textsOf(state)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (next: Kind) => {
      [kind, looks] = [next, 0];
    },
  };
}

/** One object that is an answer to whatever was asked. */
function textsOf(state: string): object {
  const account = { name: HOSTILE, subject: HOSTILE, issuer: HOSTILE };
  const uri = `https://as.example/${HOSTILE}`;
  const life = { scopes: [HOSTILE], created_time: HOSTILE, expire_time: HOSTILE, session_expire_time: HOSTILE };
  const session = { id: HOSTILE, status: state, server: HOSTILE, account, label: HOSTILE, ...life };
  const trouble = { reason: HOSTILE, error_description: HOSTILE, provider_error: HOSTILE, warnings: [HOSTILE] };
  const prompt = { user_code: HOSTILE, verification_uri: uri, verification_warning: HOSTILE, expires_in: 60 };
  const keys = { keys: state === HOSTILE ? [] : [HOSTILE], text: HOSTILE, [HOSTILE]: { [HOSTILE]: [HOSTILE] } };
  return {
    ...session,
    ...trouble,
    ...prompt,
    ...{ session_id: "ccs_x", extra_data: { account_management_uri: uri } },
    ...{ error: HOSTILE, errors: [HOSTILE] },
    ...{ access_token: HOSTILE, token_type: HOSTILE, scope: HOSTILE },
    ...{ sessions: [{ ...session, last_used_time: HOSTILE }], next: HOSTILE, revoked: HOSTILE },
    data: { ...keys, id: HOSTILE },
    "m.homeserver": { base_url: HOSTILE },
    issuer: HOSTILE,
  };
}

/** Runs commands here, for a person whose stdout is a terminal; answers what they wrote. */
async function inThisProcess(t: TestContext, address: string) {
  const home = temporaryFolder(t);
  const state = join(home, "state");
  mkdirSync(join(home, "run"), { mode: 0o700 });
  const env = {
    ...{ HOME: home, XDG_STATE_HOME: state, XDG_CONFIG_HOME: join(home, "config"), XDG_RUNTIME_DIR: join(home, "run") },
    ...{ COATCHECK_ADDR: address, COATCHECK_OPERATOR_TOKEN: "operator", VAULT_TOKEN: "other" },
  };
  const before = { ...process.env };
  Object.assign(process.env, env);
  t.after(() => {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  });
  const declared = join(home, "declared.json");
  writeFileSync(declared, JSON.stringify({ servers: { x: { provider: "github", client_id: "y" } } }));
  const lines = join(home, "audit.log");
  writeFileSync(lines, `${JSON.stringify({ ...textsOf(HOSTILE), type: HOSTILE, line: HOSTILE, hash: HOSTILE })}\n`);
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...all: unknown[]) => boolean;
    // The runner's own reports are bytes.
    const take = (...all: unknown[]) => (typeof all[0] === "string" ? said.push(all[0]) > 0 : write(...all));
    t.mock.method(stream, "write", take as typeof stream.write);
  }
  const [{ argv, exitCode }, isTerminal] = [process, process.stdout.isTTY];
  process.stdout.isTTY = true;
  t.after(() => Object.assign(process, { argv, exitCode }));
  t.after(() => {
    process.stdout.isTTY = isTerminal;
  });
  return async (line: string, how: readonly string[]): Promise<string> => {
    said.length = 0;
    keepLogin(state, "H", { broker: address, server: HOSTILE, account: HOSTILE, scopes: [HOSTILE] });
    const [word = "", ...rest] = line.replace("FILE", declared).replace("LINES", lines).split(" ");
    const words = [
      word,
      ...(COMMANDS[word] && /^(server|session|keys|config|audit|operator)$/.test(word) ? rest.splice(0, 1) : []),
      ...how,
    ];
    process.argv = ["node", "coatcheck", ...words, ...rest];
    await runProgram(COMMANDS, process.argv.slice(2));
    return said.join("");
  };
}

test("ST-8 a value alone is exact for programs, and shown on a terminal", (t) => {
  const said: unknown[] = [];
  t.mock.method(process.stdout, "write", (text: unknown) => said.push(text) > 0);
  const isTerminal = process.stdout.isTTY;
  for (process.stdout.isTTY of [false, true]) createOutput({}).value("a\x1bb\nc", {});
  process.stdout.isTTY = isTerminal;
  t.mock.restoreAll();
  assert.deepEqual(said, ["a\x1bb\nc\n", "a\\u001bb\nc\n"]);
});
