import { setTimeout } from "node:timers/promises";
import { at, type Bench, type Row } from "../bench.ts";
import { atMost, type Figure } from "../report.ts";
import { type Broker, declare, type Provider, residentOf, startBroker, startProvider } from "../stage.ts";

const FORM = "application/x-www-form-urlencoded";

const tokenIn = (html: string) => /name="token" value="([^"]*)"/.exec(html)?.[1] ?? "";

async function page(broker: Broker, path: string, cookie: string, fields?: Record<string, string>) {
  const sent = fields && { method: "POST", body: new URLSearchParams(fields).toString() };
  const headers = { "content-type": FORM, ...(cookie !== "" && { cookie }) };
  const response = await fetch(new URL(path, broker.base), { headers, redirect: "manual", ...sent });
  return { text: await response.text(), cookie: response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie };
}

/** Somebody types the code and denies; answers when the decision was sent. */
async function deny(broker: Broker, code: string, cookie: string, form: string): Promise<number> {
  const token = tokenIn((await page(broker, "/device", cookie, { user_code: code, token: form })).text);
  const sentAt = performance.now();
  await page(broker, "/device/decision", cookie, { user_code: code, token, decision: "deny" });
  return sentAt;
}

async function decided(bench: Bench, broker: Broker): Promise<readonly Figure[]> {
  const [waiters, decisions] = [bench.pick(4_000, 400), bench.pick(1_000, 100)];
  const programs: { readonly session_id: string; readonly user_code: string }[] = [];
  while (programs.length < waiters) {
    const { session_id = "", user_code = "" } = (await broker.call("POST", "/sessions", { server: "page" })).body;
    programs.push({ session_id, user_code });
  }
  const before = residentOf(broker);
  const answered = new Map<string, number>();
  for (const { session_id: secret, user_code: code } of programs) {
    const wait = broker.call("GET", "/session?wait=60", undefined, secret);
    void wait.then(() => answered.set(code, performance.now())).catch(() => {});
  }
  await setTimeout(3_000);
  const memory = residentOf(broker) - before;
  const { text, cookie } = await page(broker, "/device", "");
  const times: number[] = [];
  for (const { user_code: code } of programs.slice(0, decisions)) {
    const sentAt = await deny(broker, code, cookie, tokenIn(text));
    while (!answered.has(code)) await setTimeout(1);
    times.push((answered.get(code) ?? 0) - sentAt);
  }
  return [
    {
      ...{
        what: `decision → the program that waits, with ${waiters} waiting, p99`,
        value: at(times, 0.99),
        unit: "ms",
      },
      wanted: atMost(at(times, 0.99), 20, "<= 20 ms"),
    },
    {
      what: "memory for each waiting program, its connection included",
      value: (memory * 1_024) / waiters,
      unit: "KiB",
    },
  ];
}

/** The provider's device grant, interval 1 s. */
async function approved(bench: Bench, broker: Broker, provider: Provider): Promise<Figure> {
  const INTERVAL = 1_000;
  const times: number[] = [];
  for (let logins = bench.pick(50, 12); logins > 0; logins--) {
    await provider.wish({ approved: false, interval: INTERVAL / 1_000 });
    const { session_id: secret = "" } = (await broker.call("POST", "/sessions", { server: "as" })).body;
    await setTimeout(300 + Math.random() * 1_000);
    await provider.wish({ approved: true });
    const from = performance.now();
    while ((await broker.call("GET", "/session?wait=5", undefined, secret)).body.status === "pending");
    await broker.call("GET", "/session/token", undefined, secret);
    times.push(performance.now() - from);
  }
  const most = at(times, 1);
  return {
    ...{ what: `approval → token read, the longest of ${times.length}`, value: most, unit: "ms" },
    ...{ limit: { what: "interval", value: INTERVAL }, wanted: atMost(most, INTERVAL + 100, "<= interval + 100 ms") },
  };
}

async function run(bench: Bench): Promise<readonly Figure[]> {
  const provider = await startProvider(bench);
  const env = { COATCHECK_LIMITS: "requests=20000,address-requests=20000,connections=20000,address-connections=20000" };
  const broker = await startBroker(bench, { data: bench.folder(), env });
  const none = {
    ...{ tune_session_pending_per_server: 0, tune_user_code_entries_per_minute: 0 },
    tune_authorization_flow_seconds: 3_600,
  };
  await broker.call("PUT", "/v1/oauth2/config", none);
  await declare(broker, provider);
  const provider_options = { auth_code_url: `${provider.issuer}/authorize`, token_url: `${provider.issuer}/token` };
  const record = { provider: "custom", client_id: "c", session_flow: "page", provider_options };
  await broker.call("PUT", "/v1/oauth2/servers/page", record);
  return [await approved(bench, broker, provider), ...(await decided(bench, broker))];
}

export const wakeupRow: Row = {
  name: "wakeup",
  title: "Logins that somebody waits for",
  how: "Programs wait by long poll. A decision is two requests of a browser and a commit, which count; an approval is at the provider, whose interval is 1 s.",
  run,
};
