import assert from "node:assert/strict";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Node } from "oxc-parser";
import { serveCommand } from "../../src/cli/commands/serve.ts";
import { compose } from "../../src/compose/compose.ts";
import { loadConfig, type ServeFlags } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { parse, type Source, sourcesUnder } from "../architecture/sources.ts";
import { LOCAL_CERTIFICATE, LOCAL_KEY } from "../servers/local-certificate.ts";
import { startServer } from "../servers/watched.ts";
import { eventually } from "../support/eventually.ts";
import { person } from "../support/person/person.ts";
import { ROOT_TOKEN, request } from "../support/request.ts";
import { dataFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { blocksOf, commandsOf, type Documented, isCommands } from "./documented.ts";

/** Commands that are not run here, with the reason. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "COATCHECK_DATABASE=": "test/broker/instances.test.ts starts instances on a database",
  "migrate --from sqlite": "test/cli/commands/migrate.test.ts runs this line",
  "serve --data /var/lib/coatcheck": "the same test starts the broker on the database",
  migrate$: "the same test, on an empty database",
  "^install ": "a program of the host; the key is put in place here",
};

/** How code blocks begin that hold no command: files of ours, and of reverse proxies. */
const NO_COMMANDS = ["{", "{", "{", "{", "location / {", "backend passed"];

/** Exit codes that are not 0: something differs; nothing is dead that could be tried again. */
const CODES: Readonly<Record<string, number>> = {
  "coatcheck config plan serve.json": 8,
  "coatcheck write oauth2/creds/deploy-bot/retry": 1,
};

interface Place {
  readonly folder: string;
  readonly data: string;
  /** What stands in a document → what it is here. */
  readonly names: Map<string, string>;
}

/** Two listen at one socket as little as at one port. */
let servedHere = 0;

/** `serve` as it is written, but on a port and a socket that are free; its flags are read as the command reads them. */
async function serveHere(t: TestContext, words: readonly string[], env: Readonly<Record<string, string>>) {
  const command = serveCommand();
  const { unknown, operands } = command.parseOptions([...words.slice(2)]);
  assert.deepEqual([unknown, operands], [[], []], words.join(" "));
  const config = loadConfig(command.opts<ServeFlags>(), { ...env });
  const listen = config.listen.map((where) => {
    if ("host" in where) return { host: "127.0.0.1", port: 0 };
    return "path" in where ? { ...where, path: `${where.path}${servedHere++}` } : where;
  });
  const running = await compose(
    { ...config, listen },
    createLog("silent", () => {}),
  );
  t.after(() => running.close());
  return running;
}

function substituted(text: string, names: ReadonlyMap<string, string>): string {
  return [...names].reduce((all, [name, here]) => all.replaceAll(name, here), text);
}

/** The files of the documents: the configuration is the two that operations.md shows, in one. */
function lay(t: TestContext, issuer: string): Place {
  const [folder, data] = [temporaryFolder(t), dataFolder(t)];
  const files = {
    "root-token": ROOT_TOKEN,
    "corp-client-secret": "hush",
    "tls.pem": LOCAL_CERTIFICATE,
    "tls-key.pem": LOCAL_KEY,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const names = new Map([
    ["/run/secrets", folder],
    ["/etc/coatcheck", folder],
    ["/run/coatcheck", folder],
    ["/var/lib/coatcheck", data],
    ["https://sso.example.com", issuer],
    ["10.20.0.0/16", "loopback"],
    ["www-data", String(process.getgid?.() ?? 0)],
    ["EMPTY_FOLDER", join(folder, "empty")],
    ["serve.json", join(folder, "serve.json")],
  ]);
  const [settings = [], servers = []] = blocksOf("docs/operations.md").flatMap(({ language, lines }) =>
    language === "json" ? [lines] : [],
  );
  const both = [...settings.slice(0, -1), ...servers.slice(1)].join("\n");
  writeFileSync(join(folder, "serve.json"), substituted(both, names));
  return { folder, data, names };
}

function isElsewhere({ line }: Documented): boolean {
  return Object.keys(ELSEWHERE).some((pattern) => new RegExp(pattern).test(line));
}

test("every command of operations.md and runbooks.md does what they say, with the configuration that they show", async (t) => {
  const as = await startServer(t);
  const place = lay(t, as.issuer);
  const { folder, names } = place;
  const home = {
    XDG_STATE_HOME: join(folder, "state"),
    XDG_CONFIG_HOME: join(folder, "config"),
    XDG_RUNTIME_DIR: folder,
  };
  mkdirSync(home.XDG_STATE_HOME, { mode: 0o700 });
  const documents = ["docs/operations.md", "docs/runbooks.md"].map((path) => commandsOf(path));
  const others = ["docs/operations.md", "docs/runbooks.md"].flatMap(blocksOf).filter((block) => !isCommands(block));
  assert.deepEqual(
    others.map(({ lines: [first = ""] }) => first.trim().replace(/ {2,}.*/, "")),
    NO_COMMANDS,
  );
  const main = ["coatcheck", "serve", "--config", join(folder, "serve.json")];
  const broker = await serveHere(t, main, home);
  const call = (method: string, path: string, body?: unknown) => request(broker.address, method, path, body);
  await eventually("what is declared is there", async () => (await call("GET", "oauth2/servers/corp")).status === 200);
  const env = { ...home, COATCHECK_ADDR: broker.address, COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN };
  const someone = person(t, env);
  const ran = new Set<string>();
  for (const [round, document] of documents.entries()) {
    await call("PUT", "oauth2/servers/old", { provider: "github", client_id: "old" });
    const refresh_token = as.tokens.grant();
    assert.equal((await call("PUT", "oauth2/creds/deploy-bot", { server: "corp", refresh_token })).status, 204);
    names.set("EMPTY_FOLDER", join(folder, `empty-${round}`));
    for (const [index, command] of document.entries()) {
      ran.add(command.line);
      if (isElsewhere(command)) continue;
      if (command.line.startsWith("coatcheck backup")) names.set("FILE", join(folder, `backup-${round}-${index}`));
      await prepare(place, command, call);
      const words = command.words.map((word) => substituted(word, names));
      if (command.words[1] === "serve") {
        if (words.join(" ") === main.join(" ")) continue;
        const started = await serveHere(t, words, { ...home, ...command.env });
        assert.equal(started.copy, command.line.endsWith("EMPTY_FOLDER"), command.line);
        await started.close();
        continue;
      }
      const { code, out, err } = await someone.run(words.slice(1), { env: command.env });
      assert.equal(code, CODES[command.line] ?? 0, `${command.line}: ${out}${err}`);
      names.delete("ID");
    }
  }
  for (const line of Object.keys(CODES)) assert.ok(ran.has(line), line);
  for (const pattern of Object.keys(ELSEWHERE))
    assert.ok(
      [...ran].some((line) => new RegExp(pattern).test(line)),
      pattern,
    );
  assert.equal((await call("GET", "oauth2/creds/deploy-bot")).status, 404, "the runbook deleted it");
  assert.equal(as.tokens.replays, 0);
});

type Call = (method: string, path: string, body?: unknown) => ReturnType<typeof request>;

/** What the text around a command wants to have been done. */
async function prepare({ data, names }: Place, { line }: Documented, call: Call): Promise<void> {
  if (line.startsWith("coatcheck restore")) {
    const empty = names.get("EMPTY_FOLDER") ?? "";
    if (!existsSync(empty)) mkdirSync(empty, { mode: 0o700 });
    copyFileSync(join(data, "key"), join(empty, "key"));
    chmodSync(join(empty, "key"), 0o600);
    assert.ok(existsSync(names.get("FILE") ?? ""), "a backup was made before, by a command of a document");
  }
  if (line.startsWith("coatcheck config plan")) {
    await call("PUT", "oauth2/servers/github", { provider: "github", client_id: "by-hand" });
  }
  if (line.startsWith("coatcheck keys forget")) {
    type Keys = readonly { readonly id: string; readonly records?: number }[];
    let old: Keys[number] | undefined;
    await eventually("nothing is sealed under it", async () => {
      old = ((await call("GET", "sys/keys")).body?.data?.keys as Keys | undefined)?.[1];
      return old?.records === 0;
    });
    names.set("ID", old?.id ?? "");
  }
}

/** The events that a call of the log may have: more than one where an expression chooses, whose conditions are none. */
function eventsOf({ nodes }: Source): readonly string[] {
  return nodes.flatMap((call) => {
    if (call.type !== "CallExpression" || call.callee.type !== "MemberExpression") return [];
    const [event] = call.arguments;
    if (!event || !isLog(call.callee.object)) return [];
    return nodes.flatMap((node) => {
      const isInside = node.start >= event.start && node.end <= event.end && node.parent?.type !== "BinaryExpression";
      return isInside && node.type === "Literal" && typeof node.value === "string" ? node.value : [];
    });
  });
}

function isLog(node: Node): boolean {
  if (node.type === "MemberExpression") return isLog(node.property);
  return node.type === "Identifier" && /^log(?:ger)?$/.test(node.name);
}

test("the log's events are found where they are chosen, too", () => {
  const text =
    'context.log[a === "no" ? x : y](isB ? "one" : c ?? "two", { reason: "no" }); log?.warn("three"); sys.info("no");';
  assert.deepEqual(eventsOf(parse("a.ts", text)), ["one", "two", "three"]);
});

test("every event that the log can have is described, and no other", () => {
  const root = join(import.meta.dirname, "../..");
  const logged = new Set(sourcesUnder("src").flatMap(eventsOf));
  const [, table = ""] = /^## Logs$([\s\S]*?)^## /m.exec(readFileSync(join(root, "docs/operations.md"), "utf8")) ?? [];
  const cells = table.split("\n").map((line) => line.split("|")[1] ?? "");
  const described = new Set(cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, event]) => event ?? "")));
  assert.ok(logged.size > 40, String(logged.size));
  assert.deepEqual(
    [...logged].filter((event) => !described.has(event)),
    [],
    "events that docs/operations.md does not describe",
  );
  assert.deepEqual(
    [...described].filter((event) => !logged.has(event)),
    [],
    "events that no source names",
  );
});
