import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN, request } from "../../support/request.ts";
import { dataFolder } from "../../support/temporary-folder.ts";

const TRIES = 15;

test("whoever leaves while an answer waits for its audit line is answered once, and the broker goes on", async (t) => {
  const { running } = await startPair(t);
  const { address } = running;
  const options = { file_path: join(dataFolder(t), "audit.log") };
  assert.equal((await request(address, "PUT", "sys/audit/file", { type: "file", options })).status, 204);
  const { hostname, port } = new URL(address);
  // Answered by hooks: for a method that the path does not offer, for one that it does, and where no route is.
  for (const path of ["auth/token/create", "oauth2/config", "oauth2"]) {
    for (let times = 0; times < TRIES; times++) {
      const socket = connect(Number(port), hostname).on("error", () => {});
      const closed = once(socket, "close");
      const head = `GET /v1/${path}?help=1 HTTP/1.1\r\nHost: ${hostname}\r\nX-Vault-Token: ${ROOT_TOKEN}\r\n\r\n`;
      socket.write(head, () => socket.resetAndDestroy());
      await closed;
    }
    assert.equal((await request(address, "GET", `${path}?help=1`)).status, 200, path);
  }
});
