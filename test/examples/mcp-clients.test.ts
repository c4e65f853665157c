import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { startApi } from "../servers/api-server.ts";
import { beginActive, startSessions } from "../support/sessions.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

/** An MCP server of the SDK that takes the current token alone, and a program that is signed in to it; the first token has ended already. */
async function startMcp(t: TestContext) {
  const pair = await startSessions(t);
  const { secret, get } = await beginActive(pair);
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "test", version: "1.0.0" });
    server.registerTool("who", { description: "Answers." }, () => ({ content: [{ type: "text", text: "you" }] }));
    return server;
  });
  t.after(() => handler.close());
  const api = await startApi(t);
  const refused = `Bearer ${(await get("/token")).body.access_token}`;
  api.handle = async (request, response, { headers, method, target }) => {
    const isCurrent = /^Bearer access-token-/.test(headers.authorization ?? "") && headers.authorization !== refused;
    if (!isCurrent) return response.writeHead(401, { "www-authenticate": "Bearer" }).end();
    const body = method === "POST" ? { body: Readable.toWeb(request), duplex: "half" } : {};
    const sent = { method, headers: headers as Record<string, string>, ...body } as RequestInit;
    const answer = await handler.fetch(new Request(new URL(target, api.url), sent));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    for await (const part of answer.body ?? []) response.write(part);
    return response.end();
  };
  const run = async (file: string, ...args: string[]) => {
    const env = { PATH: process.env.PATH ?? "", COATCHECK_SESSION: secret };
    const { stdout } = await promisify(execFile)(process.execPath, [file, pair.running.address, ...args], { env });
    return stdout;
  };
  return { run, url: `${api.url}/mcp`, api };
}

test("examples/mcp-sdk.ts: the official SDK lists and calls, with a token that is refreshed on the way", async (t) => {
  const { run, url, api } = await startMcp(t);
  const said = await run(join(ROOT, "examples/mcp-sdk.ts"), "as", url, "who");
  assert.equal(said, 'Tools: who\nAnswer: [{"type":"text","text":"you"}]\n');
  assert.equal(new Set(api.seen.map(({ headers }) => headers.authorization)).size, 2);
});

test("examples/ai-sdk.ts: Vercel's AI SDK gets the tools, and calls one", async (t) => {
  const { run, url } = await startMcp(t);
  const said = await run(join(ROOT, "examples/ai-sdk.ts"), url, "who");
  assert.match(said, /^Tools: who\nAnswer: .*"text":"you"/);
});

test("examples/langchain: LangChain gets the tools, and calls one", {
  skip: process.env.LANGCHAIN === undefined && "its packages are large: LANGCHAIN=1 installs and runs it",
}, async (t) => {
  const folder = temporaryFolder(t);
  cpSync(join(ROOT, "examples/langchain"), folder, { recursive: true });
  execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: folder, stdio: "pipe" });
  symlinkSync(ROOT, join(folder, "node_modules/coatcheck"));
  const tsc = [join(ROOT, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--skipLibCheck"];
  const flags = ["--module", "nodenext", "--target", "es2024", "--allowImportingTsExtensions"];
  const types = ["--typeRoots", join(ROOT, "node_modules/@types"), "--types", "node"];
  execFileSync(process.execPath, [...tsc, ...flags, ...types, "main.ts"], { cwd: folder, stdio: "inherit" });
  const { run, url } = await startMcp(t);
  const said = await run(join(folder, "main.ts"), url, "who");
  assert.equal(said, 'Tools: who\nAnswer: "you"\n');
});
