import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { createOutput, type Output } from "../../../src/cli/frame/output.ts";
import { AGENTS } from "../../../src/cli/setup/agents/agents.ts";
import { fileOf } from "../../../src/cli/setup/agents/folders.ts";
import { type AgentFlags, setUpAgent } from "../../../src/cli/setup/agents/set-up-agent.ts";
import { person } from "../../support/person/person.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const URL_ = "https://mcp.example.com/mcp";
const BIN = join(import.meta.dirname, "../../../bin/coatcheck.js");
const START = { command: process.execPath, args: [BIN, "mcp", URL_] };

/** Variables of whoever runs the tests. */
const PASSED = /^(COATCHECK_|XDG_|NODE_(EXTRA|USE)|CODEX_HOME$|APPDATA$|(HTTPS?|NO)_PROXY$)/i;

/** A home of one's own in this process, which commands ask for; `set` are its variables. */
function atHome(t: TestContext, set: Readonly<Record<string, string>> = {}): string {
  const home = temporaryFolder(t);
  const before = { ...process.env };
  const cwd = process.cwd();
  t.after(() => {
    process.chdir(cwd);
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
  });
  for (const name of Object.keys(process.env)) if (PASSED.test(name)) delete process.env[name];
  Object.assign(process.env, { HOME: home, ...set });
  mkdirSync(join(home, "project"));
  process.chdir(join(home, "project"));
  return home;
}

/** Runs `setup` here, and answers what was said. */
async function setup(
  agent: string,
  flags: AgentFlags = {},
  wanted: { login?: string; options?: string[]; url?: string } = {},
) {
  const said: string[] = [];
  const keep = (text: string | readonly string[]) => void said.push(...[text].flat());
  const out: Output = { ...createOutput({}), note: keep, warn: keep, result: keep };
  const row = AGENTS[agent];
  assert.ok(row, agent);
  await setUpAgent(out, agent, row, { url: URL_, options: [], ...wanted }, flags);
  return said.join("\n");
}

const plain = { ...START, env: {} };

/** Agent → its files below the home folder and the project's, what stands there already, and what is there then. */
const FILES: Readonly<
  Record<string, readonly [file: string, project: string | undefined, before: string, after: string]>
> = {
  "claude-desktop": [
    ".config/Claude/claude_desktop_config.json",
    undefined,
    '{"globalShortcut": ""}',
    `{"globalShortcut": "",\n  "mcpServers": {\n    "example-com": ${JSON.stringify(plain, null, 2).replaceAll("\n", "\n    ")}\n  }\n}`,
  ],
  cursor: [".cursor/mcp.json", ".cursor/mcp.json", "", shown("mcpServers", plain)],
  vscode: [".config/Code/User/mcp.json", ".vscode/mcp.json", "{}\n", shown("servers", { type: "stdio", ...plain })],
  codex: [
    ".codex/config.toml",
    ".codex/config.toml",
    'model = "o"\n',
    `model = "o"\n\n[mcp_servers.example-com]\ncommand = "${START.command}"\nargs = ["${BIN}", "mcp", "${URL_}"]\nenv = {  }\nstartup_timeout_sec = 30\n`,
  ],
  gemini: [".gemini/settings.json", ".gemini/settings.json", "", shown("mcpServers", plain)],
  opencode: [
    ".config/opencode/opencode.json",
    "opencode.json",
    "",
    shown("mcp", { type: "local", command: [START.command, ...START.args], environment: {} }),
  ],
  zed: [".config/zed/settings.json", undefined, "", shown("context_servers", plain)],
  windsurf: [".codeium/windsurf/mcp_config.json", undefined, "", shown("mcpServers", plain)],
  junie: [".junie/mcp/mcp.json", ".junie/mcp/mcp.json", "", shown("mcpServers", plain)],
  goose: [
    ".config/goose/config.yaml",
    undefined,
    "extensions:\n  developer:\n    enabled: true\n",
    `extensions:\n  example-com:\n    name: "example-com"\n    type: "stdio"\n    cmd: "${START.command}"\n    args: ["${BIN}","mcp","${URL_}"]\n    envs: {}\n    timeout: 300\n    enabled: true\n  developer:\n    enabled: true\n`,
  ],
};

function shown(table: string, entry: object): string {
  return `${JSON.stringify({ [table]: { "example-com": entry } }, null, 2)}\n`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

for (const [agent, [file, project, before, after]] of Object.entries(FILES)) {
  test(`MCP-U1 MCP-U2 ${agent}: its file has the entry and all that was there, and undo gives it back byte for byte`, async (t) => {
    const path = join(atHome(t), file);
    if (before !== "") write(path, before);
    const isThere = existsSync(dirname(path));
    assert.match(await setup(agent, { dryRun: true }), /\+ .*nothing was changed$/s);
    assert.equal(existsSync(path), before !== "");
    const said = await setup(agent);
    assert.ok(said.startsWith(`${path}${before === "" ? " (new)" : ""}:\n  + `), said);
    assert.equal(readFileSync(path, "utf8"), after);
    await setup(agent);
    assert.equal(readFileSync(path, "utf8"), after, "once more changes nothing");
    assert.equal((await setup(agent, { undo: true })).split("\n")[0], `${path}:`);
    assert.equal(existsSync(path) && readFileSync(path, "utf8"), before !== "" && before);
    assert.equal(existsSync(dirname(path)), before !== "" || isThere, "no folder that was not there");
    assert.match(await setup(agent, { undo: true }), /^nothing was set up for/);
    if (project === undefined) {
      await assert.rejects(
        setup(agent, { project: true }),
        /reads no file of a project: .* give claude, cursor, vscode/,
      );
      return;
    }
    await setup(agent, { project: true });
    assert.ok(readFileSync(project, "utf8").includes(BIN));
    assert.equal(statSync(project).mode & 0o777, 0o644);
    await setup(agent, { project: true, undo: true });
    assert.ok(!existsSync(project));
  });
}

test("MCP-U1 each agent of the table has a row here, and its place on each system", () => {
  const elsewhere = ["claude", "json", "toml"];
  assert.deepEqual(
    Object.keys(AGENTS).filter((name) => !elsewhere.includes(name)),
    Object.keys(FILES),
  );
  const at = (agent: string, platform: string) => {
    const row = AGENTS[agent];
    const path =
      row && fileOf(row, false, platform, { APPDATA: "/roaming", CODEX_HOME: "/codex", XDG_CONFIG_HOME: "/x" });
    return path?.replace(process.env.HOME ?? "", "~");
  };
  assert.equal(at("claude-desktop", "darwin"), "~/Library/Application Support/Claude/claude_desktop_config.json");
  assert.equal(at("claude-desktop", "win32"), "/roaming/Claude/claude_desktop_config.json");
  assert.equal(at("vscode", "darwin"), "~/Library/Application Support/Code/User/mcp.json");
  assert.equal(at("goose", "win32"), "/roaming/Block/goose/config/config.yaml");
  assert.equal(at("goose", "darwin"), "~/.config/goose/config.yaml");
  assert.equal(at("zed", "freebsd"), "/x/zed/settings.json");
  assert.equal(at("codex", "linux"), "/codex/config.toml");
});

test("MCP-U2 in a file that was touched meanwhile, only our entry goes; where it has gone already, nothing does", async (t) => {
  const home = atHome(t);
  for (const agent of ["cursor", "codex", "goose"]) {
    const path = join(home, FILES[agent]?.[0] ?? "");
    await setup(agent);
    const ours = readFileSync(path, "utf8");
    const theirs = agent === "cursor" ? "// theirs\n" : "# theirs\n";
    writeFileSync(path, theirs + ours);
    await setup(agent, { undo: true });
    const left = {
      cursor: '// theirs\n{\n  "mcpServers": {\n  }\n}\n',
      codex: theirs,
      goose: "# theirs\nextensions:\n",
    };
    assert.equal(readFileSync(path, "utf8"), left[agent as keyof typeof left]);
    await setup(agent);
    const gone = agent === "cursor" ? "{} // theirs" : theirs;
    writeFileSync(path, gone);
    await setup(agent, { undo: true });
    assert.equal(readFileSync(path, "utf8"), gone);
  }
});

test("MCP-U2 two servers in one file are taken back in any order, and a changed broker replaces the entry", async (t) => {
  const home = atHome(t);
  const path = join(home, ".cursor/mcp.json");
  write(path, '{\n  "mcpServers": {"a": {}}\n}\n');
  await setup("cursor");
  const one = readFileSync(path, "utf8");
  await setup("cursor", {}, { login: "Work Account" });
  const { mcpServers } = JSON.parse(readFileSync(path, "utf8"));
  assert.deepEqual(Object.keys(mcpServers), ["a", "example-com", "work-account"]);
  assert.deepEqual(mcpServers["work-account"].args.slice(-2), ["--name", "Work Account"]);
  await setup("cursor", { undo: true }, { login: "Work Account" });
  assert.equal(readFileSync(path, "utf8"), one);
  process.env.COATCHECK_ADDR = "https://broker.example.com";
  await setup("cursor");
  const { env } = JSON.parse(readFileSync(path, "utf8")).mcpServers["example-com"];
  assert.deepEqual(env, { COATCHECK_ADDR: "https://broker.example.com" });
  await setup("cursor", { undo: true });
  assert.equal(readFileSync(path, "utf8"), '{\n  "mcpServers": {"a": {}}\n}\n');
});

test("MCP-U2 somebody else's entry of that name and a file that cannot be read stay; a link and a mode too", async (t) => {
  const home = atHome(t);
  const path = join(home, ".cursor/mcp.json");
  const theirs = '{"mcpServers": {"example-com": {"url": "https://else.example"}}}';
  write(path, theirs);
  await assert.rejects(
    setup("cursor"),
    /mcp\.json already has "example-com": remove it there first, or give the login another name/,
  );
  await setup("cursor", { undo: true });
  for (const text of [theirs, "{", "[]", '{"mcpServers": 1}']) {
    writeFileSync(path, text);
    await assert.rejects(setup("cursor"), { name: "CliError" });
    assert.equal(readFileSync(path, "utf8"), text);
  }
  const real = join(home, "dotfiles.json");
  write(real, "{}");
  chmodSync(real, 0o640);
  mkdirSync(join(home, ".gemini"));
  symlinkSync("../dotfiles.json", join(home, ".gemini/settings.json"));
  await setup("gemini");
  assert.equal(readlinkSync(join(home, ".gemini/settings.json")), "../dotfiles.json");
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(real, "utf8"))), ["mcpServers"]);
  assert.equal(statSync(real).mode & 0o777, 0o640);
});

test("MCP-U1 opencode: the form that is there wins, and so does the file that is there", async (t) => {
  const path = join(atHome(t), ".config/opencode/opencode.jsonc");
  for (const [before, reads] of [
    ['{"mcp": {"servers": {"a": {"type": "local"}}}}', (all: { mcp: { servers: object } }) => all.mcp.servers],
    ['{"mcp": {"servers": {"type": "local"}}}', (all: { mcp: object }) => all.mcp],
  ] as const) {
    write(path, before);
    await setup("opencode");
    const table = reads(JSON.parse(readFileSync(path, "utf8")));
    assert.ok(Object.hasOwn(table, "example-com"), before);
    await setup("opencode", { undo: true });
    assert.equal(readFileSync(path, "utf8"), before);
  }
});

test("MCP-U3 no secret is written: variables, addresses and headers that may hold one are left out or refused", async (t) => {
  const home = atHome(t, {
    COATCHECK_SESSION: "ccs_secret",
    COATCHECK_OPERATOR_TOKEN: "root-secret",
    HTTPS_PROXY: "http://me:proxy-secret@proxy.example:3128",
    HTTP_PROXY: "http://proxy.example:3128",
  });
  const said = await setup("cursor", {}, { options: ["--header", "@/etc/header"] });
  assert.match(said, /HTTPS_PROXY has a password in it and is not written: Cursor must get it in another way/);
  const text = readFileSync(join(home, ".cursor/mcp.json"), "utf8");
  const noted = readFileSync(join(home, ".local/state/coatcheck/agents.json"), "utf8");
  assert.doesNotMatch(said + text + noted, /secret/);
  assert.deepEqual(JSON.parse(text).mcpServers["example-com"].env, { HTTP_PROXY: "http://proxy.example:3128" });
  for (const [wanted, says] of [
    [{ options: ["--header", "X-Key: secret"] }, /a header may hold a secret, which is not written: .* --header @FILE/],
    [{ options: ["--header=X-Key: secret"] }, /a header may hold a secret/],
    [{ url: "https://me:secret@mcp.example.com/" }, /the address has a password in it/],
    [{ url: "http://mcp.example.com/" }, /is not an https address: if it must be so, add -- --allow-http/],
    [{ url: "mcp.example.com" }, /is not the address of an MCP server/],
  ] as const) {
    await assert.rejects(setup("cursor", {}, wanted as { options?: string[]; url?: string }), says);
  }
  assert.equal(readFileSync(join(home, ".cursor/mcp.json"), "utf8"), text);
});

test("MCP-U4 absolute paths, and the way to the broker that is set now", async (t) => {
  const set = {
    COATCHECK_ADDR: "unix:/run/coatcheck.sock",
    COATCHECK_CA_FILE: "ca.pem",
    NODE_EXTRA_CA_CERTS: "/etc/ca.pem",
    NO_PROXY: ".corp",
    XDG_RUNTIME_DIR: "/run/user/1",
  };
  const home = atHome(t, set);
  await setup("cursor", {}, { options: ["--deny-tools", "delete_*"] });
  const { mcpServers } = JSON.parse(readFileSync(join(home, ".cursor/mcp.json"), "utf8"));
  const { XDG_RUNTIME_DIR: _not, ...env } = { ...set, COATCHECK_CA_FILE: join(process.cwd(), "ca.pem") };
  assert.deepEqual(mcpServers["example-com"], {
    command: process.execPath,
    args: [BIN, "mcp", URL_, "--deny-tools", "delete_*"],
    env,
  });
});

/** Stands for `claude`: keeps what it is told in a file, and refuses a name that it has. */
const CLAUDE = `#!${process.execPath}
import { appendFileSync, existsSync, readFileSync } from "node:fs";
const [, verb] = process.argv.slice(2);
const path = process.env.HOME + "/claude.log";
if (verb === "add" && existsSync(path) && readFileSync(path, "utf8").trimEnd().split("\\n").at(-1).includes('"add"')) {
  process.stderr.write("MCP server example-com already exists in user config\\n");
  process.exit(1);
}
appendFileSync(path, JSON.stringify(process.argv.slice(2)) + "\\n");
`;

test("MCP-U5 claude writes its own file where it is, and elsewhere its command is shown", async (t) => {
  const home = atHome(t, { PATH: "/nowhere", COATCHECK_ADDR: "https://broker.example.com" });
  const command = [
    "mcp",
    "add",
    "--env",
    "COATCHECK_ADDR=https://broker.example.com",
    "--scope",
    "user",
    "example-com",
    "--",
  ];
  const shown = await setup("claude");
  assert.match(
    shown,
    /claude was not found here\. Run this where Claude Code is:\nclaude mcp add --env .* example-com -- \//,
  );
  assert.match(await setup("claude", { undo: true }), /^nothing was set up/);
  mkdirSync(join(home, "bin"));
  writeFileSync(join(home, "bin/claude"), CLAUDE, { mode: 0o755 });
  process.env.PATH = join(home, "bin");
  const told = () =>
    readFileSync(join(home, "claude.log"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  await setup("claude");
  assert.deepEqual(told(), [[...command, process.execPath, BIN, "mcp", URL_]]);
  await setup("claude");
  const remove = ["mcp", "remove", "--scope", "user", "example-com"];
  assert.deepEqual(told().slice(1), [remove, told()[0]]);
  await setup("claude", { undo: true });
  assert.deepEqual(told().at(-1), remove);
  write(join(home, "claude.log"), '["mcp","add"]\n');
  await assert.rejects(setup("claude"), /claude failed: MCP server example-com already exists in user config/);
});

test("MCP-U6 the command: words, options behind --, undo, and what is pasted elsewhere", async (t) => {
  const alice = person(t);
  const path = join(alice.home, ".codeium/windsurf/mcp_config.json");
  const done = await alice.run(["setup", "windsurf", URL_, "--", "--direct"]);
  assert.deepEqual([done.code, done.out.split(":")[0]], [0, 'Windsurf now starts "example-com" for https'], done.err);
  const { command, args, env } = JSON.parse(readFileSync(path, "utf8")).mcpServers["example-com"];
  assert.deepEqual([command, args.slice(-3)], [process.execPath, ["mcp", URL_, "--direct"]]);
  assert.deepEqual(env, { XDG_CONFIG_HOME: alice.env.XDG_CONFIG_HOME, XDG_STATE_HOME: alice.env.XDG_STATE_HOME });
  assert.equal((await alice.run(["setup", "windsurf", URL_, "--undo"])).code, 0);
  assert.ok(!existsSync(path));
  const toml = await alice.run(["setup", "toml", URL_, "work"]);
  assert.match(toml.out, /^\[mcp_servers\.work\]\ncommand = "\/.*\nargs = \[".*", "mcp", ".*", "--name", "work"\]\n/);
});
