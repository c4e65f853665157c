import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection } from "node:net";
import test from "node:test";
import { turns } from "../../support/turns.ts";
import { converse, listen, start } from "../start.ts";

const BAD =
  /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Content-Type: application\/json\r\n[\s\S]*\r\n\r\n\{"errors":\["bad request"\]\}\n$/;

function listRequest(token: string, target = "/v1/oauth2/creds/"): string {
  return `LIST ${target} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nX-Vault-Token: ${token}\r\n\r\n`;
}

test("1.1 LIST is a GET with list=true", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  const text = await converse(port, [listRequest(token)]);
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(text, /content-type: application\/json\r\n/);
  assert.match(text, /connection: close/i);
  assert.match(text, /"keys":\["a\/b","a\/c","me"\]/);
});

test("1.1 LIST keeps a query and its prefix", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  for (const query of ["after=b", "after=b&list=true", "list=false&after=b"]) {
    const text = await converse(port, [listRequest(token, `/v1/oauth2/creds/a?${query}`)]);
    assert.match(text, /"keys":\["c"\]/, query);
  }
});

test("1.1 LIST works on a kept-alive socket after other requests", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  const get = `GET /v1/oauth2/creds/me HTTP/1.1\r\nHost: x\r\nX-Vault-Token: ${token}\r\n\r\n`;
  const socket = createConnection({ port, host: "127.0.0.1" });
  t.after(() => socket.destroy());
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  for (const reads of [1, 2]) {
    socket.write(get);
    while (text.split("at-1").length - 1 < reads) await once(socket, "data");
  }
  socket.write(listRequest(token));
  await once(socket, "close");
  assert.equal(text.split("HTTP/1.1 200 OK").length - 1, 3);
  assert.match(text, /"keys":\["a\/b","a\/c","me"\]/);
});

test("1.1 LIST behind the rest of a body whose request was answered before it came, as hvac's may be", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  const socket = createConnection({ port, host: "127.0.0.1" });
  t.after(() => socket.destroy());
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  const put = `PUT /v1/sys/nothing/x HTTP/1.1\r\nHost: x\r\nX-Vault-Token: ${token}\r\nContent-Length: 2\r\n\r\n`;
  socket.write(put);
  while (!text.includes("unsupported path")) await once(socket, "data");
  socket.write(`{}${listRequest(token)}`);
  await once(socket, "close");
  assert.match(text, /"keys":\["a\/b","a\/c","me"\]/);
});

test("1.1 the headers of LIST may come in later packets, its request line may not", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  const request = listRequest(token);
  const line = request.indexOf("\r\n") + 2;
  const whole = await converse(port, [
    request.slice(0, line),
    request.slice(line, line + 20),
    request.slice(line + 20),
  ]);
  assert.match(whole, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(await converse(port, [request.slice(0, 12), request.slice(12)]), BAD);
});

test("1.1 LIST without a token is refused as any request", async (t) => {
  const { app } = start(t);
  const port = await listen(app);
  assert.match(await converse(port, [listRequest("hvs.wrong")]), /^HTTP\/1\.1 403 /);
});

test("what is no HTTP gets 400 in Vault's form", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  const auth = `Host: x\r\nX-Vault-Token: ${token}\r\n`;
  const garbage = [
    "\u0016\u0003\u0001\u0002\u0000",
    "LISTEN / HTTP/1.1\r\n\r\n",
    "LIST /a b HTTP/1.1\r\n\r\n",
    `UNLIST /v1/oauth2/creds HTTP/1.1\r\n${auth}\r\n`,
    "LIST / HTTP/2.0\r\n\r\n",
    "LIST /\n\n",
    `PUT /v1/oauth2/creds/a HTTP/1.1\r\n${auth}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    `PUT /v1/oauth2/creds/a HTTP/1.1\r\n${auth}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `PUT /v1/oauth2/creds/a HTTP/1.1\r\n${auth}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`,
    `GET /v1/oauth2/creds/me HTTP/1.1\r\n${auth} folded: x\r\n\r\n`,
    `GET /v1/oauth2/creds/me HTTP/1.1\r\n${auth}a: b\rc\r\n\r\n`,
  ];
  for (const bytes of garbage) assert.match(await converse(port, [bytes]), BAD, JSON.stringify(bytes));
});

test("what stands behind a request that is being carried out gets no answer, and spoils not that one's", async (t) => {
  const { app, token, calls } = start(t);
  const port = await listen(app);
  const put = `PUT /v1/oauth2/creds/a HTTP/1.1\r\nHost: x\r\nX-Vault-Token: ${token}\r\nContent-Length: 2\r\n\r\n{}`;
  const behind = ["LIST /v1/oauth2/creds/ HTTP/1.1\r\n\r\n", "GET bad\r\n\r\n", "\u0001\u0002", "}", "\u0000"];
  for (const [index, bytes] of behind.entries()) {
    const text = await converse(port, [put + bytes]);
    assert.match(text, /^HTTP\/1\.1 204 /, JSON.stringify(bytes));
    assert.equal(text.split("HTTP/1.1").length, 2);
    assert.equal(calls.writes.length, index + 1);
  }
});

test("over-long headers and targets get 431 in Vault's form", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  const long = "x".repeat(1_000_000);
  const requests = [
    `GET /v1/oauth2/creds/${long} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /v1/oauth2/creds/me HTTP/1.1\r\nHost: x\r\nX-Vault-Token: ${long}\r\n\r\n`,
    listRequest(token, `/v1/oauth2/creds/${long}`),
  ];
  for (const request of requests) {
    const text = await converse(port, [request]);
    assert.match(text, /^HTTP\/1\.1 (431|400) [\s\S]*Content-Type: application\/json\r\n[\s\S]*\{"errors":\["/);
  }
});

test("requests without Host, with an unknown expectation or by CONNECT are refused in Vault's form", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  const auth = `X-Vault-Token: ${token}\r\nConnection: close\r\n`;
  const bare = await converse(port, [`GET /v1/oauth2/creds/me HTTP/1.1\r\n${auth}\r\n`]);
  assert.match(bare, /^HTTP\/1\.1 400 [\s\S]*\{"errors":\["bad request"\]\}\n$/);
  const two = await converse(port, [`GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n${auth}\r\n`]);
  assert.match(two, /^HTTP\/1\.1 400 /);
  const expecting = `PUT /v1/oauth2/creds/a HTTP/1.1\r\nHost: x\r\n${auth}Expect: tea\r\nContent-Length: 0\r\n\r\n`;
  assert.match(await converse(port, [expecting]), /^HTTP\/1\.1 417 [\s\S]*\{"errors":\["expectation failed"\]\}/);
  assert.match(await converse(port, ["CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"]), BAD);
});

test("a body over 1 MiB is refused with 413 that the sender can read, and nothing is stored", async (t) => {
  const { app, token, calls } = start(t);
  const port = await listen(app);
  for (const bytes of [1_048_577, 8_000_000]) {
    const body = JSON.stringify({ code: "s3cret".padEnd(bytes, "x") });
    const headers = { "x-vault-token": token };
    const answer = await fetch(`http://127.0.0.1:${port}/v1/oauth2/creds/a`, { method: "PUT", body, headers });
    assert.equal(answer.status, 413);
    assert.equal(answer.headers.get("content-type"), "application/json");
    assert.deepEqual(await answer.json(), { errors: ["request body too large"] });
  }
  assert.deepEqual(calls.writes, []);
});

test("a body that breaks off is no write", async (t) => {
  const { app, token, calls, lines } = start(t);
  const port = await listen(app);
  const socket = createConnection({ port, host: "127.0.0.1" });
  const head = `PUT /v1/oauth2/creds/a HTTP/1.1\r\nHost: x\r\nX-Vault-Token: ${token}\r\nContent-Length: 100\r\n\r\n`;
  socket.write(`${head}{"code":"x"`, () => socket.end());
  socket.resume();
  await once(socket, "close");
  assert.deepEqual(calls.writes, []);
  assert.deepEqual(
    lines.filter(({ event }) => event === "request_failed"),
    [],
  );
});

test("a body that is passed on may take longer than other requests", async (t) => {
  const { app, token } = start(t);
  const port = await listen(app);
  const late = Object.assign(new Error("late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
  const begun = async (target: string) => {
    const [connected, asked] = [once(app.server, "connection"), once(app.server, "request")];
    const client = createConnection({ port, host: "127.0.0.1" });
    client.write(`POST ${target} HTTP/1.1\r\nHost: x\r\nX-Vault-Token: ${token}\r\nContent-Length: 999999\r\n\r\nx`);
    const [socket] = await connected;
    await asked;
    app.server.emit("clientError", late, socket);
    return { client, socket };
  };
  const slow = await begun("/v1/oauth2/config");
  const [answer] = await once(slow.client, "data");
  assert.match(String(answer), /^HTTP\/1\.1 408/);
  slow.client.destroy();
  const passedOn = await begun("/session/proxy/api/x");
  passedOn.client.on("data", (text) => assert.fail(`answered: ${text}`));
  await turns();
  assert.equal(passedOn.socket.destroyed, false);
  assert.equal(passedOn.socket.writable, true);
  passedOn.client.destroy();
});
