import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose } from "../../compose/compose.ts";
import { type Demo, introduce } from "../../compose/demo.ts";
import type { Running } from "../../compose/serve.ts";
import { demoRecord } from "../../dev/demo-record.ts";
import { systemClock } from "../../process/clock.ts";
import type { Config } from "../../process/config.ts";
import { createLog } from "../../process/log.ts";
import { environment } from "../frame/environment.ts";
import type { Output } from "../frame/output.ts";
import { ownCommand } from "../frame/own-command.ts";
import { stopRequested } from "../frame/stop-signal.ts";
import { DEMO, demoGuide, demoSteps, pageSteps } from "./demo-guide.ts";

const DEMO_PORT = 8210;

/** The broker on data that are thrown away, with a demo authorization server and simulated homeservers. */
export async function serveDev(out: Output, given: Config): Promise<void> {
  const requested = stopRequested();
  const { startDemoServer } = await import("../../dev/demo-server.ts");
  const { startSimulators } = await import("../../dev/matrix/simulators.ts");
  const data = mkdtempSync(join(tmpdir(), "coatcheck-dev-"));
  let demo: Awaited<ReturnType<typeof startDemoServer>> | undefined;
  let running: Running | undefined;
  const simulators = await startSimulators();
  let shown: Demo | undefined;
  try {
    const development = { simulators: simulators.list, demo: () => shown };
    running = await compose({ ...given, data }, createLog(given.logLevel), systemClock, development);
    const redirectUris = [`${running.address}/v1/oauth2/callback`];
    // Another program has that port: the guide tells the one that was free.
    demo = await startDemoServer({ port: DEMO_PORT, redirectUris }).catch(() => startDemoServer({ redirectUris }));
    const { issuer, publicClientId: client_id } = demo;
    const { address, rootToken: root_token } = running;
    await introduce(running.broker, DEMO, demoRecord(issuer, client_id));
    const command = ownCommand(environment().PATH);
    const stage = { address, rootToken: root_token, issuer, clientId: client_id, command };
    shown = { server: DEMO, steps: pageSteps(stage) };
    out.result(demoGuide(stage, demoSteps(stage)).split("\n"), {
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
