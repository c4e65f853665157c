import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { docsContent } from "../../compose/docs-files.ts";
import { walkFiles } from "../../compose/walk-files.ts";
import { answerDocs, scriptOf } from "../../docs/docs-page.ts";
import { CliError, usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { stopRequested } from "../frame/stop-signal.ts";

export interface DocsFlags {
  readonly port: string;
  readonly browser: boolean;
}

/** Shows the documentation that comes with the program, on loopback, until it is stopped; opens a page in a browser where there is one. */
export async function serveDocs(out: Output, page: string, { port, browser }: DocsFlags): Promise<void> {
  const path = page.replace(/^\/?(docs\/)?|\.md$/g, "");
  if (!answerAt(path))
    throw usage(`there is no page "${page}": give one of ${Object.keys(docsContent().pages).slice(1).join(", ")}`);
  const stopped = stopRequested();
  const server = await listen(createServer(answer), portOf(port));
  const { port: own } = server.address() as { readonly port: number };
  const address = `http://127.0.0.1:${own}/docs/${path}`;
  out.result(address, { address });
  out.note("This is the documentation of this version, without a network. Ctrl-C ends it.");
  if (browser && out.interactive) await open(address);
  await stopped;
  server.close();
  server.closeAllConnections();
  process.exit(0);
}

async function open(address: string): Promise<void> {
  const { findBrowser, openBrowser, thisMachine } = await import("../terminal/browser.ts");
  const found = findBrowser(thisMachine());
  if (found) await openBrowser(found, address);
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usage(`--port "${text}" is not a port: give a number up to 65535, or 0 for any`);
}

function listen(server: Server, port: number): Promise<Server> {
  return new Promise((done, fail) => {
    server.once("error", () =>
      fail(new CliError("port_taken", `nothing can listen on 127.0.0.1:${port}: give another --port`)),
    );
    server.listen(port, "127.0.0.1", () => done(server));
  });
}

const answerAt = (path: string) => answerDocs(docsContent(), path, scriptOf(walkFiles()));

function answer({ method, url = "/" }: IncomingMessage, response: ServerResponse): void {
  const { pathname } = URL.parse(url, "http://127.0.0.1") ?? { pathname: "" };
  const [, room, path = ""] = /^\/(docs|walk)\/?(.*)$/.exec(pathname) ?? [];
  const script = room === "walk" ? walkFiles().scripts.get(path) : undefined;
  const found = room === "docs" ? answerAt(path) : undefined;
  if (method !== "GET" && method !== "HEAD") response.writeHead(405, { allow: "GET, HEAD" }).end();
  else if (script !== undefined) response.writeHead(200, SCRIPT).end(script);
  else if (found) response.writeHead(200, found.headers).end(found.body);
  else response.writeHead(pathname === "/" ? 302 : 404, { location: "/docs/" }).end();
}

const SCRIPT = { "content-type": "text/javascript; charset=utf-8", "x-content-type-options": "nosniff" };
