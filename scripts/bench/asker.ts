import { Agent, request } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { processorMs } from "./usage.ts";

/**
 * The limit of refreshes and polls, a process of its own: bare POSTs to a token endpoint, eight under way, and where a folder is given
 * one durable commit of SQLite for the answers that came in the same turn. `node asker.ts URL OPERATIONS FOLDER`.
 */
export interface Asked {
  readonly perSecond: number;
  readonly micros: number;
}

const AT_ONCE = 8;

const [url = "", times = "0", folder = ""] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const headers = { "content-type": "application/x-www-form-urlencoded" };

function post(body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    sent.on("error", reject).end(body);
  });
}

/** Writes what has come in one transaction, as soon as the event loop turns; resolves when it is durable. */
function store(): (text: string) => Promise<void> {
  const database = new DatabaseSync(join(folder, "limit.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE answer (text TEXT)");
  const insert = database.prepare("INSERT INTO answer VALUES (?)");
  let waiting: { text: string; done: () => void }[] = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    database.exec("BEGIN IMMEDIATE");
    for (const { text } of batch) insert.run(text);
    database.exec("COMMIT");
    for (const { done } of batch) done();
  };
  return (text) =>
    new Promise((done) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ text, done });
    });
}

const keep = folder === "" ? () => Promise.resolve() : store();
const operations = Number(times);
let left = operations;
const [spent, from] = [processorMs(process.pid), performance.now()];
const worker = async () => {
  while (left > 0) {
    left -= 1;
    await keep(await post(`grant_type=refresh_token&client_id=c&refresh_token=limit-${process.pid}-${left}`));
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
const asked: Asked = {
  perSecond: (operations * 1_000) / (performance.now() - from),
  micros: ((processorMs(process.pid) - spent) * 1_000) / operations,
};
process.send?.(asked);
await setTimeout(10);
process.exit(0);
