import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose } from "../../compose/compose.ts";
import type { Running } from "../../compose/serve.ts";
import { systemClock } from "../../process/clock.ts";
import type { Config } from "../../process/config.ts";
import { createLog } from "../../process/log.ts";
import type { Output } from "../frame/output.ts";
import { stopRequested } from "../frame/stop-signal.ts";

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
  try {
    running = await compose({ ...given, data }, createLog(given.logLevel), systemClock, simulators.list);
    const redirectUris = [`${running.address}/v1/oauth2/callback`];
    // Another program has that port: the guide tells the one that was free.
    demo = await startDemoServer({ port: DEMO_PORT, redirectUris }).catch(() => startDemoServer({ redirectUris }));
    const { issuer, publicClientId: client_id } = demo;
    const { address, rootToken: root_token } = running;
    out.result(devGuide(running, { issuer, clientId: client_id }).split("\n"), {
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

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

/** What shows the main job, and a session, ready to paste. */
function devGuide({ address, rootToken }: Running, demo: { issuer: string; clientId: string }): string {
  const curl = `curl -H 'X-Vault-Token: ${rootToken}'`;
  const url = `${address}/v1/oauth2`;
  return `
Coatcheck is listening at ${address}, and a demo authorization server at ${demo.issuer}.
All data is deleted when it stops (Ctrl-C). Paste these commands into another terminal:

1. Tell the broker about the demo server:

  ${curl} -X PUT ${url}/servers/demo -d '{"provider":"oidc","client_id":"${demo.clientId}","allow_sessions":true,"provider_options":{"issuer_url":"${demo.issuer}"}}'

2. Start a login. Open the verification_uri_complete of the answer in a browser, sign in with any name, and approve:

  ${curl} -X PUT ${url}/creds/my-user-auth -d '{"server":"demo","grant_type":"${DEVICE_CODE}","scopes":"offline_access"}'

3. Read the token. Until you approve, the answer is "token pending issuance"; a few seconds later it is the token.
   The broker refreshes it automatically: read it again after a minute.

  ${curl} -i ${url}/creds/my-user-auth

4. The same from the command line, where a program needs only a session, not the root token:

  export COATCHECK_ADDR=${address}
  npx coatcheck login demo --scopes offline_access && npx coatcheck token demo

A Matrix login, step by step, with simulated homeservers: ${address}/walk
`;
}
