import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Command } from "commander";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { buildProgram } from "../../../src/cli/frame/program.ts";
import { BIN } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { keepLogin } from "../../support/person/kept-login.ts";
import { type Person, person } from "../../support/person/person.ts";
import { soon } from "../../support/person/soon.ts";
import { missing } from "../../support/programs.ts";

test("completion bash, in bash: every command and every option that there is", { skip: missing("bash") }, async (t) => {
  const alice = person(t);
  const { out, code } = await alice.run(["completion", "bash"]);
  assert.equal(code, 0);
  const json = JSON.parse((await alice.run(["completion", "bash", "--json"])).out);
  assert.deepEqual(json, { shell: "bash", script: out });
  const script = join(alice.home, "completion");
  writeFileSync(script, out);
  const complete = (lines: readonly (readonly string[])[]) => {
    const calls = lines.map((words) => {
      const typed = words.map((word) => `'${word}'`).join(" ");
      return `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; COMPREPLY=(); _coatcheck; echo "\${COMPREPLY[*]}"`;
    });
    const said = execFileSync("bash", ["-c", `. '${script}'\n${calls.join("\n")}`]).toString();
    return said.split("\n").slice(0, lines.length);
  };
  const expected = new Map<string, string>();
  const visit = (command: Command, path: string) => {
    const options = command.options.flatMap(({ long }) => long ?? []);
    expected.set(path, [...command.commands.map((one) => one.name()), ...options, "--help"].join(" "));
    for (const one of command.commands) visit(one, `${path} ${one.name()}`);
  };
  visit(await buildProgram(Object.values(COMMANDS)), "coatcheck");
  assert.deepEqual(complete([...expected.keys()].map((path) => [...path.split(" "), ""])), [...expected.values()]);
  assert.deepEqual(
    complete([
      ["coatcheck", "lo"],
      ["coatcheck", "server", "r"],
      ["coatcheck", "token", "github", "--min"],
      ["coatcheck", "token", "--min-valid", "60", "--wri"],
      ["coatcheck", "server", "add", "corp", "--provider", "oidc", "--client-i"],
      ["coatcheck", "exec", "github", "--", "l"],
      ["coatcheck", "nonsense", "--vers"],
    ]),
    ["login logout", "rm", "--min-valid", "--write", "--client-id", "", "--version"],
  );
});

test("completion of the other shells names every command; one that is not known is refused", async (t) => {
  const alice = person(t);
  for (const shell of ["zsh", "fish", "powershell"]) {
    const { out } = await alice.run(["completion", shell]);
    for (const name of [...Object.keys(COMMANDS), "min-valid", "client-secret"]) assert.ok(out.includes(name), name);
  }
  assert.equal((await alice.run(["completion", "tcsh"])).code, 2);
});

/** A shell of hers finds `coatcheck` by its name. */
function inShell({ home, env }: Person, shell: string, line: string): string {
  const bin = join(home, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "coatcheck"), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(bin, "coatcheck"), 0o755);
  // However slowly her broker answers, on a machine that has much to do.
  const all = { ...env, PATH: `${bin}:${process.env.PATH}`, COATCHECK_COMPLETION_TIMEOUT: "60" };
  return execFileSync(shell, ["-c", line], { env: all, encoding: "utf8" });
}

/** Somebody with logins, one of which no shell could take as a word, and a server at a broker of her own. */
async function withNames(t: TestContext): Promise<Person> {
  const alice = person(t);
  assert.equal((await alice.run(["server", "add", "gh", "--provider", "github", "--client-id", "x"])).code, 0);
  keepLogin(join(alice.home, "state"), "bot", {}, { "$(touch evil)": { server: "demo" } });
  return alice;
}

/** Words that were typed, the last of them not to its end → what is offered. */
const NAMES: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ["coatcheck login ", ["demo", "gh"]],
  ["coatcheck token ", ["bot"]],
  ["coatcheck session list --server g", ["gh"]],
  ["coatcheck read oauth2/servers/", ["oauth2/servers/gh"]],
];

/** For each of them a line with what bash's function offers; bashcompinit of zsh calls it in the same way. */
function callsInBash(): string {
  const calls = NAMES.map(([typed]) => {
    const words = typed.split(" ");
    const quoted = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _coatcheck; echo "\${COMPREPLY[*]}"`;
  });
  return calls.join("\n");
}

const OFFERED = NAMES.map(([, names]) => `${names.join(" ")}\n`).join("");

test("completion knows logins, servers and paths, in bash", { skip: missing("bash") }, async (t) => {
  const alice = await withNames(t);
  assert.equal(inShell(alice, "bash", `. <(coatcheck completion bash)\n${callsInBash()}`), OFFERED);
});

test("completion in bash goes on behind a colon and an equals sign, where bash ends a word", {
  skip: missing("bash"),
}, async (t) => {
  const alice = await withNames(t);
  keepLogin(join(alice.home, "state"), "bot:prod");
  const calls = ["token bot:p", "token bot:", "session list --server=g"].map((typed) => {
    const line = `coatcheck ${typed}`;
    const words = line.split(/ |(?=[:=])|(?<=[:=])/);
    const split = words.map((word) => `'${word}'`).join(" ");
    return `COMP_LINE='${line}'; COMP_POINT=${line.length}; COMP_WORDS=(${split}); COMP_CWORD=${words.length - 1}; _coatcheck; echo "\${COMPREPLY[*]}"`;
  });
  const script = `. <(coatcheck completion bash)\n${calls.join("\n")}`;
  assert.equal(inShell(alice, "bash", script), "prod\nprod\ngh\n");
});

test("completion knows them in zsh, too", { skip: missing("zsh") }, async (t) => {
  const alice = await withNames(t);
  const load = "autoload -U compinit && compinit -i; . <(coatcheck completion zsh); emulate ksh";
  assert.equal(inShell(alice, "zsh", `${load}\n${callsInBash()}`), OFFERED);
});

test("completion knows them in fish, too", { skip: missing("fish") }, async (t) => {
  const alice = await withNames(t);
  const calls = NAMES.map(([typed]) => `complete -C '${typed}' | string join ' '`);
  assert.equal(inShell(alice, "fish", `coatcheck completion fish | source\n${calls.join("\n")}\ntrue`), OFFERED);
});

test("who asks for names starts nothing, hears no error, and does not wait for a broker that does not answer", async (t) => {
  const alice = person(t);
  assert.deepEqual(await alice.run(["__complete", "login", "", ""]), { code: 0, out: "", err: "" });
  assert.ok(!existsSync(join(alice.home, "state/coatcheck/broker")), "no broker was started");
  const silent = createServer(() => {});
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  t.after(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const env = {
    COATCHECK_ADDR: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    COATCHECK_OPERATOR_TOKEN: "x",
  };
  // Another command gives a broker ten seconds.
  const complete = () => alice.run(["__complete", "read", "", "oauth2/creds/"], { env });
  assert.deepEqual(await soon("completion", complete, 8_000), { code: 0, out: "", err: "" });
});

test("who has a broker that is far away gives it more time", async (t) => {
  const alice = person(t);
  const asked: ServerResponse[] = [];
  const slow = createServer((_request, response) => void asked.push(response));
  await new Promise<void>((listening) => slow.listen(0, "127.0.0.1", listening));
  t.after(() => {
    slow.closeAllConnections();
    slow.close();
  });
  const env = {
    COATCHECK_ADDR: `http://127.0.0.1:${(slow.address() as AddressInfo).port}`,
    COATCHECK_OPERATOR_TOKEN: "x",
  };
  const complete = (more: Record<string, string>) =>
    alice.runProcess(["__complete", "read", "", "oauth2/creds/"], { env: { ...env, ...more } });
  const patient = complete({ COATCHECK_COMPLETION_TIMEOUT: "600" });
  await eventually("the broker was asked", () => asked.length === 1);
  const [answered] = asked;
  assert.equal((await complete({})).out, "", "it gives up meanwhile");
  answered?.setHeader("content-type", "application/json").end(JSON.stringify({ data: { keys: ["far"] } }));
  assert.equal((await patient).out, "oauth2/creds/far\n");
});
