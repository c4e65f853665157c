import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "commander";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { wordFirst } from "../../../src/cli/frame/command.ts";
import { buildProgram } from "../../../src/cli/frame/program.ts";
import { person, type Ran } from "../../support/person/person.ts";

const OPTIONS = ["--json", "--plain", "--color", "--no-input", "--verbose"];

test("CLI-11 every command has the common options, a summary, and help with its examples first", async () => {
  const leaves: string[] = [];
  const visit = (command: Command, path: string) => {
    const said: string[] = [];
    command.configureOutput({ writeOut: (text) => said.push(text) }).outputHelp();
    const help = said.join("");
    assert.match(help, /^Examples:\n {2}\S/, path);
    assert.match(help, /-h, --help/, path);
    assert.notEqual(command.description(), "", path);
    for (const one of command.commands) visit(one, `${path} ${one.name()}`);
    if (command.commands.length > 0) return;
    leaves.push(path);
    const longs = command.options.map(({ long }) => long);
    for (const option of OPTIONS) assert.ok(longs.includes(option), `${path} has no ${option}`);
  };
  visit(await buildProgram(Object.values(COMMANDS)), "coatcheck");
  assert.ok(leaves.length >= 28, leaves.join(", "));
});

test("FC-65 options of every command may stand before it, with their values; anything else stays where it is", () => {
  for (const [given, read] of [
    ["--json status x", "status --json x"],
    ["--addr unix:/x --color=never --no-input status", "status --addr unix:/x --color=never --no-input"],
    ["status --json", "status --json"],
    ["--json --version", "--version"],
    ["--json", ""],
    ["--min-valid 5 token", "--min-valid 5 token"],
    ["--json exec -- x --plain", "exec --json -- x --plain"],
  ] as const) {
    assert.equal(wordFirst(given.split(" ")).join(" "), read);
  }
});

const NOBODY = "http://127.0.0.1:1";

/** Command → how it fails: code, exit, and the command to run where there is one. */
const FAILURES: readonly (readonly [string, string, number, string?])[] = [
  ["token", "login_required", 4, "coatcheck login"],
  ["token root --data /nowhere", "unusable", 1],
  ["status", "login_required", 4, "coatcheck login"],
  ["header gh", "login_required", 4, "coatcheck login gh"],
  ["why", "login_required", 4, "coatcheck login"],
  ["logout", "login_required", 4],
  ["curl -- -s x", "login_required", 4, "coatcheck login"],
  ["exec -- true", "login_required", 4, "coatcheck login"],
  ["exec", "usage", 2, "coatcheck exec --help"],
  ["login", "usage", 2, "coatcheck server add --help"],
  ["mcp", "usage", 2, "coatcheck mcp --help"],
  ["mcp https://mcp.example.com/mcp --timeout soon", "usage", 2, "coatcheck mcp --help"],
  [`login gh --addr ${NOBODY}`, "unreachable", 7],
  [`list oauth2 --addr ${NOBODY}`, "unreachable", 7],
  [`read sys/health --addr ${NOBODY}`, "unreachable", 7],
  [`write oauth2/config --addr ${NOBODY}`, "unreachable", 7],
  [`delete oauth2/config --addr ${NOBODY}`, "unreachable", 7],
  [`server list --addr ${NOBODY}`, "unreachable", 7],
  [`creds --addr ${NOBODY}`, "unreachable", 7],
  [`top --addr ${NOBODY}`, "unreachable", 7],
  ["top --count none", "usage", 2, "coatcheck top --help"],
  ["broker logs --lines x", "usage", 2, "coatcheck broker logs --help"],
  ["creds --status broken", "usage", 2, "coatcheck creds --help"],
  [`status oauth2/creds/x --addr ${NOBODY}`, "unreachable", 7],
  [`operator login --method approle role_id=x --addr ${NOBODY}`, "unreachable", 7],
  ["operator login --addr own", "usage", 2, "coatcheck operator login --help"],
  ["server add x", "usage", 2, "coatcheck server add --help"],
  [`session end x --addr ${NOBODY}`, "unreachable", 7],
  [`keys status --addr ${NOBODY}`, "unreachable", 7],
  ["keys forget ../x", "usage", 2, "coatcheck keys forget --help"],
  ["walk", "usage", 2, "coatcheck walk --help"],
  ["walk --simulate other", "usage", 2, "coatcheck walk --help"],
  ["walk x.example --quirk slow_down", "usage", 2, "coatcheck walk --help"],
  ["walk x.example --metadata x", "usage", 2, "coatcheck walk --help"],
  ["walk x.example --ca-file /dev/null", "usage", 2, "coatcheck walk --help"],
  ["serve --listen nowhere", "usage", 2, "coatcheck serve --help"],
  ["serve --data /dev/null/x", "unusable", 1],
  ["docs nowhere", "usage", 2, "coatcheck docs --help"],
  ["config check", "usage", 2, "coatcheck config check --help"],
  ["migrate", "usage", 2, "coatcheck migrate --help"],
  ["backup /tmp/x --data /dev/null/x", "unusable", 1],
  ["restore /dev/null/x --data /dev/null/y", "unusable", 1],
  ["completion tcsh", "usage", 2, "coatcheck completion --help"],
  ["setup fax x", "usage", 2, "coatcheck setup --help"],
  ["credential fax", "usage", 2, "coatcheck credential --help"],
  ["agent --idle soon", "usage", 2, "coatcheck agent --help"],
  ["doctor --nope", "usage", 2, "coatcheck doctor --help"],
  ["list --color pink", "usage", 2, "coatcheck list --help"],
  ["server lst", "usage", 2, "coatcheck server --help"],
];

/**
 * One of each way to fail, and each command that no other test starts as a process: they say there, as the program is published,
 * what they say in this one.
 */
const IN_ITS_OWN = [
  "token",
  "header gh",
  "why",
  "logout",
  "config check",
  "creds --status broken",
  "keys forget ../x",
  "operator login --addr own",
  `list oauth2 --addr ${NOBODY}`,
  `delete oauth2/config --addr ${NOBODY}`,
  `session end x --addr ${NOBODY}`,
];

test("CLI-1 CLI-2 CLI-3 a failure: one sentence on stderr, with --json one object on stdout, and the same exit code", async (t) => {
  const alice = person(t, { COATCHECK_OPERATOR_TOKEN: "x" });
  for (const [index, [line, code, exit, next]] of FAILURES.entries()) {
    const words = line.split(" ");
    // `serve` sets up its process.
    const isServe = words[0] === "serve";
    const last = /^(server|session|keys|config|broker|operator)$/.test(words[0] ?? "") ? 2 : 1;
    // FC-65: before the command, between its words, or behind it.
    const at = index % (last + 1);
    const plain = await (isServe || IN_ITS_OWN.includes(line) ? alice.runProcess : alice.run)(words);
    const json = await (isServe ? alice.runProcess : alice.run)([...words.slice(0, at), "--json", ...words.slice(at)]);
    check(line, plain, json);
    const { error } = JSON.parse(json.out);
    assert.deepEqual([plain.code, error.code, error.next?.join(" ")], [exit, code, next], line);
    if (code !== "usage" && next !== undefined) assert.ok(plain.err.endsWith(`\n  run: ${next}\n`), plain.err);
  }
});

function check(line: string, plain: Ran, json: Ran): void {
  assert.equal(plain.code, json.code, line);
  assert.equal(plain.out, "", line);
  assert.match(plain.err, /^coatcheck: [^\n]+\n( {2}run: [^\n]+\n)?$/, line);
  assert.equal(json.err, "", line);
  const { error } = JSON.parse(json.out);
  assert.ok(json.out.indexOf("\n") === json.out.length - 1, "one line");
  assert.equal(plain.err.split("\n")[0], `coatcheck: ${error.message}`, line);
}
