import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { startCoatcheck } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { approve, homeserverFor } from "../support/matrix/homeserver.ts";
import { type Started, said } from "../support/process.ts";

const BOT = join(import.meta.dirname, "../../examples/matrix-bot.ts");

test("examples/matrix-bot.ts signs in by a code, syncs, survives the end of its token, and logs out", async (t) => {
  const clock = new FakeClock();
  const homeserver = await homeserverFor(t, { now: () => clock.now(), ttl: { AccessToken: 600 } });
  const coatcheck = await startCoatcheck(t, { clock, publicUrl: "https://coatcheck.example.com" });
  const homeservers = `*, ${new URL(homeserver.baseUrl).host}`;
  const server = { provider: "matrix", provider_options: { homeservers }, allow_sessions: true };
  assert.equal((await coatcheck.write("oauth2/servers/matrix", server)).status, 204);
  const bot = run(t, [coatcheck.running.address, homeserver.baseUrl, "1"]);
  const [, page = ""] = await said(bot, /Open (\S+) and check/);
  await approve(page, "alice");
  const moving = new AbortController();
  const time = move(() => coatcheck.pass(1_000), moving.signal);
  await said(
    bot,
    new RegExp(`Signed in as @alice:${homeserver.serverName}, device [A-Z0-9]{12}, at ${homeserver.baseUrl}`),
  );
  moving.abort();
  await time;
  await said(bot, /Synced: 0 rooms/);
  const tokens: string[] = [];
  homeserver.provider.on("access_token.saved", ({ scope = "" }) => void tokens.push(scope));
  await coatcheck.pass(1_200_000);
  assert.ok(tokens.length >= 1, "the access token was renewed");
  const synced = () => bot.stdout().split("Synced").length;
  const before = synced();
  await eventually("it syncs with the new token", () => synced() >= before + 2);
  bot.kill("SIGINT");
  await said(bot, /Logged out/);
  assert.equal(await bot.ended, 0);
  assert.doesNotMatch(bot.stdout() + bot.stderr(), /Not synced/);
  await eventually(
    "the device has no grant",
    () => homeserver.requests.at(-1) === "GET /_matrix/client/v3/account/whoami",
  );
});

async function move(step: () => Promise<void>, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    await step();
    await setTimeout(50);
  }
}

function run(t: { after(end: () => void): void }, args: readonly string[]): Started {
  const child = spawn(process.execPath, [BOT, ...args], { env: { PATH: process.env.PATH ?? "" } });
  const heard = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    heard.stdout += text;
  });
  child.stderr.on("data", (text) => {
    heard.stderr += text;
  });
  const ended = new Promise<number | NodeJS.Signals>((done) => {
    child.once("close", (code, signal) => done(code ?? signal ?? -1));
  });
  t.after(() => child.kill("SIGKILL"));
  return {
    stdin: child.stdin,
    stdout: () => heard.stdout,
    stderr: () => heard.stderr,
    ended,
    kill: (signal) => void child.kill(signal),
  };
}
