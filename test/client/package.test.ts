import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { packClient } from "../../scripts/pack-client.ts";
import { blocksOf } from "../docs/documented.ts";
import { startCoatcheck } from "../support/coatcheck.ts";
import { packagingProblems } from "../support/packaging.ts";
import { ROOT_TOKEN } from "../support/request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** What somebody installs who wants the library and nothing else. */
const PROGRAM = `
import { CoatcheckError, operator, resume } from "coatcheck/client";
const broker = operator({ broker: process.argv[2], token: process.argv[3] });
await broker.config.write({ default_server: "packed" });
const { data } = await broker.config.read();
const dead = await resume("x", { broker: "http://127.0.0.1:1" }).token().catch((error) => error);
console.log(JSON.stringify([data.default_server, dead instanceof CoatcheckError, dead.code]));
`;

/** Each Node in the PATH by its version: the project's own, and an older one where the machine has it. */
function nodes(): ReadonlyMap<string, string> {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"));
  const found = paths.filter((path) => existsSync(path)).map((path) => [execFileSync(path, ["-v"]).toString(), path]);
  return new Map(found.filter(([version = ""]) => Number(/^v(\d+)/.exec(version)?.[1]) >= 20) as [string, string][]);
}

test("packed alone it installs with no dependency, brings its types, and runs under every Node from 20", async (t) => {
  const folder = temporaryFolder(t);
  const tarball = packClient(folder);
  assert.deepEqual(await packagingProblems(tarball), []);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: folder, stdio: "pipe" });
  assert.deepEqual(
    readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith(".")),
    ["coatcheck"],
  );
  const installed = join(folder, "node_modules/coatcheck/dist");
  for (const path of globSync("**/*.{js,ts}", { cwd: installed })) {
    const text = readFileSync(join(installed, path), "utf8");
    for (const [, specifier] of text.matchAll(/from "([^"]+)"/g))
      assert.match(specifier ?? "", /^\.\/[\w-]+\.(js|ts)$/);
  }
  const { running } = await startCoatcheck(t);
  writeFileSync(join(folder, "program.js"), PROGRAM);
  for (const [version, node] of nodes()) {
    const { stdout } = await promisify(execFile)(node, ["program.js", running.address, ROOT_TOKEN], { cwd: folder });
    assert.deepEqual(JSON.parse(stdout), ["packed", true, "unreachable"], version);
  }
});

test("a program that uses its types, and what README.md shows, compiles against the packed declarations", (t) => {
  const folder = temporaryFolder(t);
  const tarball = packClient(folder);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: folder, stdio: "pipe" });
  writeFileSync(
    join(folder, "program.ts"),
    `import { login, type Session } from "coatcheck/client";
const session: Session = await login({ broker: "https://b", server: "s", onPrompt: ({ userCode }) => void userCode });
const token: string = await session.token();
export { token };
`,
  );
  const shown = blocksOf("README.md").filter(({ language }) => language === "ts");
  assert.ok(shown.length > 0);
  const examples = shown.map(({ lines }, index) => {
    writeFileSync(join(folder, `readme-${index}.ts`), lines.join("\n"));
    return `readme-${index}.ts`;
  });
  const tsc = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
  const flags = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--lib",
    "es2023,dom",
    "program.ts",
    ...examples,
  ];
  execFileSync(process.execPath, [tsc, ...flags], { cwd: folder, stdio: "pipe" });
});
