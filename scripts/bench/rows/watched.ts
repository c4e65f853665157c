import type { Bench, Row } from "../bench.ts";
import { atMost, type Figure } from "../report.ts";
import { declare, startBare, startBroker, startProvider, TOKEN } from "../stage.ts";
import { readInTurns, type Target } from "./reads.ts";

/** What being watched may cost of a read, by processor time. */
const MOST = 1.03;

/** Prometheus asks each 15 s or more; a screen of the dashboard each 5 s. Milliseconds. */
const SCRAPED_EVERY_MS = 1_000;

const HOW = `Brokers that differ in one thing, in turns: one that nobody watches; one whose metrics and charts (\`sys/metrics\`, \`sys/activity\`) are
asked for each second; and two with traces, of one request in a hundred and of each, which are sent to a collector of this machine.`;

async function run(bench: Bench): Promise<readonly Figure[]> {
  const provider = await startProvider(bench);
  const collector = await startBare(bench, "{}");
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.base.origin, OTEL_METRICS_EXPORTER: "none" };
  const few = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" };
  const ways = [
    { what: "nobody watches", env: {} },
    { what: "metrics and charts", env: {}, asked: ["/v1/sys/metrics", "/v1/sys/activity"] },
    { what: "traces of one in a hundred", env: { ...traced, ...few } },
    { what: "traces of each", env: traced },
  ];
  const targets: Target[] = [];
  for (const { what, env, asked = [] } of ways) {
    const broker = await startBroker(bench, { data: bench.folder(), env });
    await declare(broker, provider);
    await broker.call("PUT", "/v1/oauth2/creds/me", { server: "as", refresh_token: "rt" });
    for (const path of asked) {
      await broker.call("GET", path);
      const again = setInterval(() => void broker.call("GET", path).catch(() => {}), SCRAPED_EVERY_MS);
      bench.defer(() => clearInterval(again));
    }
    const of = { url: broker.base, pid: broker.pid };
    targets.push({ ...of, what, path: "/v1/oauth2/creds/me", headers: { "X-Vault-Token": TOKEN } });
  }
  const [limit, ...watched] = await readInTurns(bench, targets, 32);
  return watched.map(({ perSecond, micros }, at) => ({
    ...{ what: `\`GET creds/NAME\`, ${targets[at + 1]?.what}`, value: perSecond, unit: "/s" },
    limit: { what: "nobody watches", value: limit?.perSecond ?? 0 },
    processor: { micros, limit: limit?.micros ?? 0 },
    wanted: atMost(micros / (limit?.micros ?? micros), MOST, `<= ${MOST} x`),
  }));
}

export const watchedRow: Row = { name: "watched", title: "Reads of a broker that is watched", how: HOW, run };
