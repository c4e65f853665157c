import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startMisbehavingServer } from "../test/servers/misbehaving-server.ts";
import { startBroker } from "./bench-broker.ts";

/**
 * `node scripts/bench-sessions.ts [WAITERS] [DECISIONS]`: so many programs wait by long poll on one broker (a process of its
 * own, SQLite on disk); then so many logins are decided, one after the other. Reports memory and how long after the
 * decision was sent its program had its answer: the two requests and the commit between them included.
 */
const [waiters = 10_000, decisions = 2_000] = process.argv.slice(2).map(Number);
const TOKEN = "bench-root-token-0123456789";
/** A connection each: one that was kept may be closed by the broker just when it is used again. */
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookie: string;
}

function call(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${base}${path}`, { method, agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      const cookie = response.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, cookie }));
    });
    sent.on("error", reject).end(body);
  });
}

function memoryOf(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function begin(base: string): Promise<{ secret: string; code: string }> {
  const { text } = await call(base, "POST", "/sessions", { authorization: `Bearer ${TOKEN}` }, '{"server":"as"}');
  const { session_id: secret, user_code: code } = JSON.parse(text);
  return { secret, code };
}

/** Types a code and denies; answers when the decision was sent. */
async function deny(base: string, code: string, cookie: string, formToken: string): Promise<number> {
  const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
  const headers = { cookie, "content-type": "application/x-www-form-urlencoded" };
  const asked = await call(base, "POST", "/device", headers, form({ user_code: code, token: formToken }));
  const token = tokenIn(asked.text);
  const sentAt = performance.now();
  await call(base, "POST", "/device/decision", headers, form({ user_code: code, token, decision: "deny" }));
  return sentAt;
}

function tokenIn(html: string): string {
  return /name="token" value="([^"]*)"/.exec(html)?.[1] ?? "";
}

const data = mkdtempSync(join(tmpdir(), "coatcheck-bench-"));
const as = await startMisbehavingServer();
const { child, base } = await startBroker(data, TOKEN);
try {
  const operator = { "x-vault-token": TOKEN };
  const none = {
    tune_session_pending_per_server: 0,
    tune_user_code_entries_per_minute: 0,
    tune_authorization_flow_seconds: 3600,
  };
  await call(base, "PUT", "/v1/oauth2/config", operator, JSON.stringify(none));
  const provider_options = { auth_code_url: `${as.issuer}/authorize`, token_url: `${as.issuer}/token` };
  const server = { provider: "custom", client_id: "c", session_flow: "page", provider_options };
  await call(base, "PUT", "/v1/oauth2/servers/as", operator, JSON.stringify(server));
  const programs: { secret: string; code: string }[] = [];
  while (programs.length < waiters)
    programs.push(...(await Promise.all(Array.from({ length: 100 }, () => begin(base)))));
  const before = memoryOf(child.pid);
  const answered = new Map<string, number>();
  const waiting = programs.map(async ({ secret, code }, index) => {
    await setTimeout(index);
    for (let status = "pending"; status === "pending" && !answered.has("stop"); ) {
      const answer = await call(base, "GET", "/session?wait=60", { authorization: `Bearer ${secret}` }).catch(() => {});
      if (answer) status = JSON.parse(answer.text).status;
    }
    answered.set(code, performance.now());
  });
  await setTimeout(10_000 + waiters);
  const during = memoryOf(child.pid);
  const { text, cookie } = await call(base, "GET", "/device");
  const times: number[] = [];
  for (const { code } of programs.slice(0, decisions)) {
    const sentAt = await deny(base, code, cookie, tokenIn(text));
    while (!answered.has(code)) await setTimeout(1);
    times.push((answered.get(code) ?? 0) - sentAt);
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => `${(times[Math.ceil(times.length * part) - 1] ?? 0).toFixed(1)} ms`;
  process.stdout.write(
    [
      `${waiters} programs wait: ${during.toFixed(0)} MiB resident, ${(((during - before) * 1024) / waiters).toFixed(1)} KiB each over the ${before.toFixed(0)} MiB without them`,
      `${decisions} decisions: answered after ${at(0.5)} (median), ${at(0.99)} (p99), ${at(1)} (longest)`,
      "",
    ].join("\n"),
  );
  answered.set("stop", 0);
  void Promise.allSettled(waiting);
} finally {
  child.kill("SIGKILL");
  await as.close();
  rmSync(data, { recursive: true, force: true });
}
process.exit(0);
