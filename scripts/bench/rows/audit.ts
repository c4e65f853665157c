import { join } from "node:path";
import type { Bench, Row } from "../bench.ts";
import { atMost, type Figure } from "../report.ts";
import { declare, signIn, startBroker, startProvider, TOKEN } from "../stage.ts";
import { readInTurns } from "./reads.ts";

/** What audit may cost of a read, by processor time. */
const MOST = 1.1;

async function run(bench: Bench): Promise<readonly Figure[]> {
  const provider = await startProvider(bench);
  const targets = [];
  for (const isAudited of [false, true]) {
    const broker = await startBroker(bench, { data: bench.folder() });
    await declare(broker, provider, { allow_sessions: true });
    await broker.call("PUT", "/v1/oauth2/creds/me", { server: "as", refresh_token: "rt" });
    const session = await signIn(broker, provider);
    const options = { file_path: join(bench.folder(), "audit.log") };
    if (isAudited) await broker.call("PUT", "/v1/sys/audit/file", { type: "file", options });
    const about = { url: broker.base, pid: broker.pid };
    targets.push(
      { ...about, what: "GET creds/NAME", path: "/v1/oauth2/creds/me", headers: { "X-Vault-Token": TOKEN } },
      { ...about, what: "GET /session/token", path: "/session/token", headers: { Authorization: `Bearer ${session}` } },
    );
  }
  const figures: Figure[] = [];
  for (const connections of [32, 256]) {
    const measured = await readInTurns(bench, targets, connections);
    for (const at of [0, 1]) {
      const [without, audited] = [measured[at], measured[at + 2]];
      if (!without || !audited) continue;
      figures.push({
        ...{ what: `\`${targets[at]?.what}\`, ${connections} connections`, value: audited.perSecond, unit: "/s" },
        limit: { what: "without audit", value: without.perSecond },
        processor: { micros: audited.micros, limit: without.micros },
        wanted: atMost(audited.micros / without.micros, MOST, `<= ${MOST} x`),
      });
    }
  }
  return figures;
}

export const auditRow: Row = {
  name: "audit",
  title: "Reads with audit on",
  how: "Two brokers that differ in one thing: one has an audit device, a file on the same disk, with two lines for each read; in turns.",
  run,
};
