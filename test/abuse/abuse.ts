import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startServer } from "../servers/watched.ts";
import { coatcheck, said } from "../support/process.ts";
import { ROOT_TOKEN, request } from "../support/request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { Answers, Attack } from "./attackers.ts";

export interface Plan extends Omit<Attack, "port"> {
  /** How long everybody is at it, once all are there. Milliseconds. */
  readonly lasts: number;
  /** How long the broker has afterwards until its memory is looked at. Milliseconds. */
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
  /** MiB of resident memory. */
  readonly memory: { readonly before: number; readonly most: number; readonly after: number };
}

/** A real broker is attacked by another process, while somebody honest reads a token and an operator starts logins. */
export async function abuse(t: TestContext, plan: Plan): Promise<Outcome> {
  const as = await startServer(t, () => Date.now());
  const args = ["serve", "--data", temporaryFolder(t), "--listen", "127.0.0.1:0", "--allow-networks", "loopback"];
  const more = ["--public-url", "http://127.0.0.1:8200", ...(plan.limits === "" ? [] : ["--limits", plan.limits])];
  const env = { COATCHECK_ROOT_TOKEN: ROOT_TOKEN, COATCHECK_LOG_LEVEL: "error" };
  const broker = coatcheck(t, [...args, ...more], env);
  const [, base = ""] = await said(broker, /coatcheck is listening at (http:\S+)/);
  const port = Number(new URL(base).port);
  await prepare(base, as.issuer, as.tokens.grant());
  const honest = new Honest(port);
  for (let i = 0; i < 200; i++) await honest.read();
  const memory = { before: residentOf(broker.child.pid), most: 0, after: 0 };
  honest.forget();
  const attackers = attackersOf(t, { ...plan, port });
  const look = setInterval(() => {
    memory.most = Math.max(memory.most, residentOf(broker.child.pid));
  }, 100);
  const isOver = async (over: Promise<unknown>) => (await Promise.race([over.then(() => true), pause(5)])) === true;
  const over = attackers.here.then(() => pause(plan.lasts));
  for (let turn = 0; !(await isOver(over)); turn++) {
    await honest.read();
    if (turn % 50 === 0) await honest.start();
  }
  clearInterval(look);
  const answers = await attackers.stop();
  const { reads, readStatuses, startStatuses } = honest;
  honest.forget();
  const rested = pause(plan.rests);
  // Somebody reads on: memory that nobody asks for is given back by nobody.
  while (!(await isOver(rested))) await honest.read();
  memory.after = residentOf(broker.child.pid);
  return { answers, reads, readStatuses, startStatuses, memory };
}

const pause = (milliseconds: number) => new Promise<void>((next) => setTimeout(next, milliseconds));

async function prepare(base: string, issuer: string, token: string): Promise<void> {
  const options = { issuer, token_url: `${issuer}/token`, device_code_url: `${issuer}/device` };
  const server = { provider: "custom", client_id: "client", allow_sessions: true, provider_options: options };
  const written = [
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

/** Somebody who has the token, and keeps a connection. */
class Honest {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  reads: number[] = [];
  readStatuses = new Set<number>();
  readonly startStatuses = new Set<number>();

  constructor(port: number) {
    this.#port = port;
  }

  async read(): Promise<void> {
    const began = performance.now();
    this.readStatuses.add(await this.#ask("GET", "/v1/oauth2/creds/me"));
    this.reads.push(performance.now() - began);
  }

  async start(): Promise<void> {
    this.startStatuses.add(await this.#ask("POST", "/sessions", '{"server":"as"}'));
  }

  forget(): void {
    this.reads = [];
    this.readStatuses = new Set();
  }

  #ask(method: string, path: string, body?: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const options = { port: this.#port, host: "127.0.0.1", agent: this.#agent, method, path };
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
