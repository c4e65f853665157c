import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { attachTransport } from "../../../src/http/gate/transport.ts";
import { portOf } from "../../servers/free-port.ts";
import { FakeClock } from "../../support/fake-clock.ts";

test("ST-6 whoever counts connections is told of the end of one that was refused, or that asked for a list", async (t) => {
  const server = createServer((_request, response) => response.end("listed"));
  attachTransport(server, new FakeClock());
  let here = 0;
  const seen = new Set<unknown>();
  server.on("connection", (socket) => {
    if (seen.has(socket)) return;
    seen.add(socket);
    here += 1;
    socket.once("close", () => {
      here -= 1;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const port = portOf(server);
  for (const [sent, answer] of [
    ["no HTTP\r\n\r\n", /^HTTP\/1\.1 400/],
    ["LIST /v1/a HTTP/1.1\r\nHost: x\r\n\r\n", /listed/],
  ] as const) {
    const socket = connect(port, "127.0.0.1");
    const closed = once(server, "connection").then(([one]) => once(one, "close"));
    socket.write(sent);
    assert.match((await socket.toArray()).join(""), answer);
    await closed;
    assert.equal(here, 0, sent);
  }
});
