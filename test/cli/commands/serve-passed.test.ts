import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type ListenOptions, type Server } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { converse } from "../../http/start.ts";
import { BIN } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function listening(t: TestContext, where: ListenOptions): Promise<Server> {
  const server = createServer().listen(where);
  await once(server, "listening");
  t.after(() => server.close());
  return server;
}

/** Node has no other way to tell it. */
function descriptorOf(server: Server): number {
  return (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}

test("sockets that systemd has opened are listened on: the broker's, and the one for metrics", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "metrics.sock");
  const tcp = await listening(t, { host: "127.0.0.1", port: 0 });
  const unix = await listening(t, { path });
  // As systemd does it: the variable has the process that is started, which the shell becomes.
  const command = `LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=api:metrics exec "$@"`;
  const serve = [process.execPath, BIN, "serve", "--data", join(folder, "data")];
  const child = spawn("sh", ["-c", command, "sh", ...serve], {
    stdio: ["ignore", "ignore", "pipe", descriptorOf(tcp), descriptorOf(unix)],
  });
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  await eventually("it serves", () => said.includes("Data and key are in"), 20_000);
  const { port } = tcp.address() as AddressInfo;
  // Nobody else takes a connection: the one that opened them has no more to do with them.
  tcp.close();
  unix.close();
  assert.match(said, new RegExp(`listening at http://127.0.0.1:${port}\\n`));
  assert.match(said, /Health and metrics are at unix:descriptor 4\./);
  assert.equal((await fetch(`http://127.0.0.1:${port}/v1/sys/health`)).status, 200);
  const foreign = "GET /v1/sys/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
  assert.match(
    await converse(port, [foreign]),
    /^HTTP\/1\.1 421/,
    "ST-23 what comes in at loopback is asked by its names",
  );
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});
