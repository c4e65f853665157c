import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { compose } from "../../compose/compose.ts";
import type { Running } from "../../compose/serve.ts";
import { systemClock } from "../../process/clock.ts";
import { type Config, ConfigError, loadConfig, type ServeFlags } from "../../process/config.ts";
import { createLog } from "../../process/log.ts";
import { noteSocket } from "../connect/noted-socket.ts";
import { defineHere } from "../frame/command.ts";
import { devGuide, startGuide } from "../frame/guide.ts";
import type { Output } from "../frame/output.ts";
import { outliveReaders } from "../frame/quiet-pipe.ts";
import { runHere } from "../frame/run-here.ts";
import { endSoon, stopRequested } from "../frame/stop-signal.ts";

const VARIABLES = `
Environment: COATCHECK_LISTEN, COATCHECK_DATA, COATCHECK_DATABASE, COATCHECK_PUBLIC_URL, COATCHECK_KEY,
COATCHECK_ROOT_TOKEN, COATCHECK_ALLOW_NETWORKS, COATCHECK_TRUSTED_PROXIES, COATCHECK_ALLOW_ORIGINS, COATCHECK_LOG_LEVEL, COATCHECK_ENVIRONMENT (a
name; data that belong to another environment are not used for refreshes). A flag wins over its variable.`;

type Flags = ServeFlags & { readonly idle?: string };

export function serveCommand(): Command {
  const serving = runHere<Flags>((out, _args, flags) => serve(out, flags));
  return defineHere("serve", "Run the broker.", [
    ["coatcheck serve --dev", "try it: throw-away data and a demo authorization server"],
    ["coatcheck serve --data /var/lib/coatcheck", "keep everything in this folder"],
    [
      "COATCHECK_DATABASE=postgres://… COATCHECK_KEY=file:/etc/coatcheck/key coatcheck serve",
      "one of several instances",
    ],
    ["coatcheck serve --public-url https://broker.example.com --listen 0.0.0.0:8200", ""],
  ])
    .option("--listen <address>", "HOST:PORT or unix:PATH (default 127.0.0.1:8200)")
    .option("--data <dir>", "folder of the database, the key and the root token (default: the XDG state folder)")
    .option("--database <url>", "postgres://… for several instances; a password is safer in COATCHECK_DATABASE")
    .option("--public-url <url>", "address under which browsers reach the broker (callback, pages)")
    .option(
      "--allow-networks <list>",
      "networks that are not public and may be called: loopback, private, 10.0.0.0/8 …",
    )
    .option("--trusted-proxies <list>", "networks of reverse proxies whose X-Forwarded-For is believed")
    .option("--allow-origins <list>", "web origins whose pages may use sessions")
    .option("--take-over", "use a restored copy: nobody else uses its credentials any more")
    .option("--idle <seconds>", "stop when nobody has asked for so long")
    .option("--dev", "throw-away data, a fixed root token, a demo authorization server, loopback allowed")
    .addHelpText("after", VARIABLES)
    .action(async (...all) => {
      await serving(...all);
      process.exit();
    });
}

async function serve(out: Output, { idle, ...flags }: Flags): Promise<void> {
  // Whatever is made from here on is its owner's alone, a database's side files too.
  process.umask(0o077);
  outliveReaders();
  const config = loadConfig(flags);
  await (config.dev ? serveDev(out, config) : serveKept(out, config, idleSeconds(idle)));
}

async function serveKept(out: Output, config: Config, idle: number | undefined): Promise<void> {
  const requested = stopRequested();
  const running = await compose(config, createLog(config.logLevel));
  if ("path" in config.listen) noteSocket(config.data, config.listen.path);
  const { address, copy, rootTokenAt } = running;
  out.note(startGuide(running, config));
  out.event({ event: "serving", address, data: config.data, copy, root_token_file: rootTokenAt });
  const ends = idle === undefined ? [requested] : [requested, quiet(running, idle * 1_000)];
  const broken = await Promise.race([...ends, running.broken]);
  if (broken) endSoon();
  await running.close();
  if (broken) throw broken;
}

function idleSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new ConfigError(`--idle "${text}" is not a number of seconds`);
  return Number(text);
}

/** Resolves when it has been quiet for so long. Milliseconds. */
function quiet(running: Running, idle: number): Promise<void> {
  return new Promise((done) => {
    const look = () => {
      const left = idle - running.quietFor();
      if (left <= 0) done();
      else systemClock.after(left, look);
    };
    look();
  });
}

const DEMO_PORT = 8210;

async function serveDev(out: Output, given: Config): Promise<void> {
  const requested = stopRequested();
  const { startDemoServer } = await import("../../dev/demo-server.ts");
  const { startSimulators } = await import("../../dev/matrix/simulators.ts");
  const data = mkdtempSync(join(tmpdir(), "coatcheck-dev-"));
  let demo: Awaited<ReturnType<typeof startDemoServer>> | undefined;
  let running: Running | undefined;
  const simulators = await startSimulators();
  try {
    running = await compose({ ...given, data }, createLog(given.logLevel), systemClock, simulators.list);
    const redirectUris = [`${running.address}/v1/oauth2/callback`];
    // Another program has that port: the guide tells the one that was free.
    demo = await startDemoServer({ port: DEMO_PORT, redirectUris }).catch(() => startDemoServer({ redirectUris }));
    const { issuer, publicClientId: client_id } = demo;
    const { address, rootToken: root_token } = running;
    out.result(devGuide(running, { issuer, clientId: client_id }), {
      event: "serving",
      address,
      root_token,
      issuer,
      client_id,
    });
    await requested;
  } finally {
    await running?.close();
    await demo?.close();
    await simulators.close();
    rmSync(data, { recursive: true, force: true });
  }
}
