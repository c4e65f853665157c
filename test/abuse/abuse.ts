import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startConnectProxy } from "../servers/connect-proxy.ts";
import type { Cluster } from "../servers/postgres.ts";
import { startServer } from "../servers/watched.ts";
import { coatcheck, said } from "../support/process.ts";
import { ROOT_TOKEN, request } from "../support/request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { Answers, Attack } from "./attackers.ts";

export interface Plan extends Omit<Attack, "ports"> {
  /** Of the broker, on one database; one is on SQLite. */
  readonly instances: number;
  /** How long everybody is at it, once all are there. Milliseconds. */
  readonly lasts: number;
  /** How long the broker has afterwards at most until its memory is as small as it is to be. Milliseconds. */
  readonly rests: number;
  /** `--limits`. */
  readonly limits: string;
}

export interface Outcome {
  readonly answers: Answers;
  /** Milliseconds of each read of the honest client. */
  readonly reads: readonly number[];
  /** Statuses of those reads, and of the operator's starts of logins. */
  readonly readStatuses: ReadonlySet<number>;
  readonly startStatuses: ReadonlySet<number>;
  /** Milliseconds of each of those starts. */
  readonly starts: readonly number[];
  readonly memory: Memory;
}

/** MiB of resident memory, of all instances together. */
interface Memory {
  readonly before: number;
  readonly most: number;
  /** The least after the attack, as soon as it is back; and how long that took, in seconds. */
  readonly after: number;
  readonly seconds: number;
}

/** What there may be more of afterwards than before. */
const MORE = 1.2;

/** Whether as much memory as is to come back has come. */
export function isBack({ before, after }: Memory): boolean {
  return after <= before * MORE;
}

/** A real broker is attacked by another process, while somebody honest reads a token and an operator starts logins. */
export async function abuse(t: TestContext, plan: Plan, postgres?: Cluster): Promise<Outcome> {
  const as = await startServer(t, () => Date.now());
  // Whatever is public is there, takes connections, and says nothing.
  const { port: proxy } = await startConnectProxy(t, () => "silence");
  const database = await postgres?.database(t, "empty");
  const key = join(temporaryFolder(t), "key");
  writeFileSync(key, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  const brokers = await Promise.all(
    Array.from({ length: plan.instances }, () =>
      startBroker(t, plan, [`file:${key}`, `http://127.0.0.1:${proxy}`, database?.url]),
    ),
  );
  const bases = brokers.map(({ base }) => base);
  const ports = bases.map((base) => Number(new URL(base).port));
  await prepare(bases[0] ?? "", as.issuer, as.tokens.grant());
  const honest = new Honest(ports);
  for (let i = 0; i < 200 * ports.length; i++) await honest.read();
  const resident = () => brokers.reduce((sum, { pid }) => sum + residentOf(pid), 0);
  const before = resident();
  let most = before;
  honest.forget();
  const attackers = attackersOf(t, { ...plan, ports });
  const look = setInterval(() => {
    most = Math.max(most, resident());
  }, 100);
  const isOver = async (over: Promise<unknown>) => (await Promise.race([over.then(() => true), pause(5)])) === true;
  const over = attackers.here.then(() => pause(plan.lasts));
  for (let turn = 0; !(await isOver(over)); turn++) {
    await honest.read();
    if (turn % 50 === 0) await honest.start();
  }
  clearInterval(look);
  const answers = await attackers.stop();
  const { reads, readStatuses, startStatuses, starts } = honest;
  honest.forget();
  const [since, rested] = [performance.now(), pause(plan.rests)];
  const memory = { before, most, after: resident(), seconds: 0 };
  // Somebody reads on: memory that nobody asks for is given back by nobody.
  while (!isBack(memory) && !(await isOver(rested))) {
    await honest.read();
    memory.after = Math.min(memory.after, resident());
    memory.seconds = Math.round((performance.now() - since) / 1_000);
  }
  return { answers, reads, readStatuses, startStatuses, starts, memory };
}

async function startBroker(t: TestContext, { limits }: Plan, [key, proxy, database]: readonly (string | undefined)[]) {
  const args = ["serve", "--data", temporaryFolder(t), "--listen", "127.0.0.1:0", "--allow-networks", "loopback"];
  const more = ["--public-url", "http://127.0.0.1:8200", ...(limits === "" ? [] : ["--limits", limits])];
  const broker = coatcheck(t, [...args, ...more], {
    COATCHECK_ROOT_TOKEN: ROOT_TOKEN,
    COATCHECK_LOG_LEVEL: "error",
    COATCHECK_KEY: key ?? "",
    HTTPS_PROXY: proxy ?? "",
    ...(database !== undefined && { COATCHECK_DATABASE: database }),
  });
  const [, base = ""] = await said(broker, /coatcheck is listening at (http:\S+)/);
  return { base, pid: broker.child.pid };
}

const pause = (milliseconds: number) => new Promise<void>((next) => setTimeout(next, milliseconds));

async function prepare(base: string, issuer: string, token: string): Promise<void> {
  const options = { issuer, token_url: `${issuer}/token`, device_code_url: `${issuer}/device` };
  const server = { provider: "custom", client_id: "client", allow_sessions: true, provider_options: options };
  const homeservers = { provider: "matrix", allow_sessions: true, provider_options: { homeservers: "*" } };
  const written = [
    await request(base, "PUT", "oauth2/servers/mx", homeservers),
    await request(base, "PUT", "oauth2/servers/as", server),
    await request(base, "PUT", "oauth2/creds/me", { server: "as", refresh_token: token }),
  ];
  for (const { status, body } of written) if (status >= 300) throw new Error(JSON.stringify(body));
}

function attackersOf(t: TestContext, attack: Attack) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "attackers.ts"), JSON.stringify(attack)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  child.stdout?.on("data", (text) => {
    said += text;
  });
  return {
    here: once(child, "message"),
    stop: async (): Promise<Answers> => {
      child.send("stop");
      await once(child, "close");
      return JSON.parse(said) as Answers;
    },
  };
}

/** Somebody who has the token, and keeps a connection to each instance. */
class Honest {
  readonly #ports: readonly number[];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #turn = 0;
  reads: number[] = [];
  starts: number[] = [];
  readStatuses = new Set<number>();
  readonly startStatuses = new Set<number>();

  constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  async read(): Promise<void> {
    const began = performance.now();
    this.readStatuses.add(await this.#ask("GET", "/v1/oauth2/creds/me"));
    this.reads.push(performance.now() - began);
  }

  async start(): Promise<void> {
    const began = performance.now();
    this.startStatuses.add(await this.#ask("POST", "/sessions", '{"server":"as"}'));
    this.starts.push(performance.now() - began);
  }

  forget(): void {
    this.reads = [];
    this.readStatuses = new Set();
  }

  #ask(method: string, path: string, body?: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const port = this.#ports[this.#turn++ % this.#ports.length] ?? 0;
    const options = { port, host: "127.0.0.1", agent: this.#agent, method, path };
    const asking = httpRequest({ ...options, headers: { "x-vault-token": ROOT_TOKEN } }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
    });
    // As clients do: what was kept open may have made room for somebody else just now.
    asking.on("error", () => resolve(asking.reusedSocket ? this.#ask(method, path, body) : 0));
    asking.end(body);
    return promise;
  }
}

/** MiB; 0 where the system does not tell. */
function residentOf(pid: number | undefined): number {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024);
  } catch {
    return 0;
  }
}
