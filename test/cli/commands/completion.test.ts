import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Command } from "commander";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { buildProgram } from "../../../src/cli/frame/program.ts";
import { person } from "../../support/person/person.ts";
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
