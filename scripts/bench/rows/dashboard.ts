import { setTimeout } from "node:timers/promises";
import type { Bench, Row } from "../bench.ts";
import { type Driven, drive } from "../drive.ts";
import { fill, YOUNG } from "../fill.ts";
import { atLeast, atMost, type Figure } from "../report.ts";
import { type Broker, declare, startBroker, startProvider, TOKEN } from "../stage.ts";

/** Of a screen, at the 99th percentile. Milliseconds. */
const MOST_MS = 100;

/** For one screen, where the machine has no time for all operations. */
const SCREEN_S = 12;

/** Plain reads a second beside it, in batches of so many milliseconds. */
const READS = 1_000;
const BATCH_MS = 100;

/** Signs in as a browser does; answers its cookie. */
async function signIn({ base }: Broker): Promise<string> {
  const page = await fetch(new URL("/ui/sign-in", base));
  const guard = /name="guard" value="([^"]*)"/.exec(await page.text())?.[1] ?? "";
  const answer = await fetch(new URL("/ui/sign-in", base), {
    method: "POST",
    headers: { cookie: cookiesOf(page) },
    body: new URLSearchParams({ guard, token: TOKEN, to: "/ui" }),
    redirect: "manual",
  });
  const cookie = cookiesOf(answer);
  if (!cookie.includes("coatcheck_ui=")) throw new Error(`not signed in: ${answer.status}`);
  return cookie;
}

function cookiesOf({ headers }: Response): string {
  return headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0] ?? "")
    .join("; ");
}

/** Reads so often until `end` is called, which answers how many a second it were. */
function readSteadily({ base: url }: Broker, count: number): { end(): Promise<number> } {
  const headers = { "X-Vault-Token": TOKEN };
  const load = { url, path: "/v1/oauth2/creds/c-{n}", headers, names: count, connections: 4 };
  const operations = (READS * BATCH_MS) / 1_000;
  let [isOn, answered] = [true, 0];
  const from = performance.now();
  const reading = (async () => {
    for (let batch = 1; isOn; batch++) {
      const { operations: read, errors } = await drive({ ...load, operations });
      if (Object.keys(errors).length > 0) throw new Error(JSON.stringify(errors));
      answered += read;
      await setTimeout(Math.max(0, from + batch * BATCH_MS - performance.now()));
    }
    return (answered * 1_000) / (performance.now() - from);
  })();
  return {
    end: () => {
      isOn = false;
      return reading;
    },
  };
}

function screensOf(count: number): readonly (readonly [what: string, path: string])[] {
  const list = "/ui/credentials";
  return [
    ["the list", list],
    ["the list, from its middle on", `${list}?after=c-${Math.floor(count / 2)}`],
    ["by prefix", `${list}?prefix=c-{n}`],
    ["by server", `${list}?server=as`],
    ["by a state that most have", `${list}?status=issued`],
    ["by a state that none has", `${list}?status=failing`],
    ["one credential", `${list}/oauth2/c-{n}`],
  ];
}

/** Whom somebody looks for stands in no address, so each is sent as a form first, and the list that it leads to is what is timed. */
async function byAccount(broker: Broker, cookie: string, count: number, operations: number): Promise<Driven> {
  const page = await (await fetch(new URL("/ui/credentials", broker.base), { headers: { cookie } })).text();
  const guard = /name="guard" value="([^"]*)"/.exec(page)?.[1] ?? "";
  const times: number[] = [];
  const end = performance.now() + SCREEN_S * 1_000;
  for (let index = 0; index < operations && performance.now() < end; index++) {
    const account = `person-${Math.floor((index * count) / operations)}`;
    const sent = {
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams({ guard, account }),
      redirect: "manual",
    } as const;
    const path = (await fetch(new URL("/ui/credentials", broker.base), sent)).headers.get("location") ?? "";
    const driven = await drive({ url: broker.base, path, headers: { cookie }, connections: 1, operations: 1 });
    if (Object.keys(driven.errors).length > 0) return driven;
    times.push(driven.max);
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.ceil(times.length * part) - 1] ?? 0;
  const seconds = SCREEN_S;
  return {
    operations: times.length,
    seconds,
    perSecond: times.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    errors: {},
  };
}

async function run(bench: Bench): Promise<readonly Figure[]> {
  const count = bench.pick(1_000_000, 10_000);
  const data = bench.folder();
  const provider = await startProvider(bench);
  const first = await startBroker(bench, { data });
  await declare(first, provider);
  await first.stop();
  await fill(
    { data },
    count,
    (index) => (YOUNG * index) / count,
    (index) => ({
      identity: { issuer: provider.issuer, subject: `person-${index}` },
    }),
  );
  const broker = await startBroker(bench, { data });
  const cookie = await signIn(broker);
  const reads = readSteadily(broker, count);
  const operations = bench.pick(500, 50);
  const figures: Figure[] = [];
  const told = (what: string, { p50, p99, errors }: Driven) => {
    if (Object.keys(errors).length > 0) throw new Error(`${what}: ${JSON.stringify(errors)}`);
    figures.push({
      ...{ what: `${what}, p99`, value: p99, unit: "ms", limit: { what: "its median", value: p50 } },
      wanted: atMost(p99, MOST_MS, `<= ${MOST_MS} ms`),
    });
  };
  for (const [what, path] of screensOf(count)) {
    const load = { url: broker.base, path, headers: { cookie }, names: count, connections: 1, seconds: SCREEN_S };
    await drive({ ...load, operations: Math.ceil(operations / 10) });
    told(what, await drive({ ...load, operations }));
  }
  told("by account", await byAccount(broker, cookie, count, operations));
  const perSecond = await reads.end();
  const least = 0.95 * READS;
  return [
    ...figures,
    { what: "reads beside it", value: perSecond, unit: "/s", wanted: atLeast(perSecond, least, `>= ${least}`) },
  ];
}

export const dashboardRow: Row = {
  name: "dashboard",
  title: "Screens of the dashboard among many credentials",
  how: `SQLite, 1,000,000 credentials (10,000 with \`--quick\`), each of an account of its own, beside 1,000 reads a second of names drawn at random; one browser asks one screen after the other, each with
how many credentials are in each state.`,
  run,
};
