import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { drive } from "../../scripts/bench/drive.ts";
import { portOf } from "../servers/free-port.ts";

/** A server that notes what it is asked, and answers as it is told. */
async function start(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, text: string) => void,
) {
  const asked: { url: string; text: string; port: number }[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    asked.push({ url: request.url ?? "", text, port: request.socket.remotePort ?? 0 });
    answer(request, response, text);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const port = portOf(server);
  return { asked, url: new URL(`http://127.0.0.1:${port}`) };
}

const FORMS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "a length": (response) => void response.end("x".repeat(200_000)),
  chunks: (response) => {
    response.write("a".repeat(100_000));
    response.write("0\r\n\r\n");
    response.end("b");
  },
  "no content": (response) => void response.writeHead(204).end(),
  "the end of the connection": (response) => {
    response.useChunkedEncodingByDefault = false;
    response.removeHeader("content-length");
    response.writeHead(200, { connection: "close" }).write("until the end");
    response.end();
  },
};

for (const [form, write] of Object.entries(FORMS))
  test(`the load generator reads answers that are framed by ${form}, and counts each once`, async (t) => {
    const { asked, url } = await start(t, (_request, response) => write(response));
    const { operations, errors } = await drive({ url, path: "/", connections: 2, operations: 8 });
    assert.equal(operations, asked.length);
    assert.equal(operations, 8);
    assert.deepEqual(errors, {});
  });

test("the load generator keeps its connections, and gives each request a name and a number of its own", async (t) => {
  const { asked, url } = await start(t, (_request, response) => void response.end("{}"));
  const load = { method: "PUT", path: "/creds/{n}", body: '{"refresh_token":"rt-{i}"}', names: 3 };
  await drive({ url, ...load, connections: 4, operations: 40 });
  assert.equal(new Set(asked.map(({ port }) => port)).size, 4);
  assert.deepEqual(new Set(asked.map(({ text }) => text)).size, 40);
  assert.ok(asked.every(({ url: path }) => /^\/creds\/[012]$/.test(path)));
  assert.ok(asked.some(({ text }) => text === '{"refresh_token":"rt-39"}'));
});

test("the load generator counts refusals by status and lost connections by cause, and goes on", async (t) => {
  let count = 0;
  const { url } = await start(t, (request, response) => {
    count += 1;
    if (count === 3) return void request.socket.destroy();
    response.writeHead(count % 2 === 0 ? 403 : 200).end("{}");
  });
  const { operations, errors } = await drive({ url, path: "/", connections: 1, operations: 6 });
  assert.equal(operations, 5);
  assert.equal(errors["403"], 3);
  assert.equal((errors.closed ?? 0) + (errors.ECONNRESET ?? 0), 1);
});

test("the load generator ends where nothing listens, and says so", async () => {
  const { operations, errors } = await drive({
    url: new URL("http://127.0.0.1:1"),
    path: "/",
    connections: 2,
    seconds: 60,
  });
  assert.equal(operations, 0);
  assert.ok((errors.ECONNREFUSED ?? 0) >= 100);
});
