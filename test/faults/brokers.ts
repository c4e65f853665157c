import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { loadKeys } from "../../src/seal/key-file.ts";
import { createSeal } from "../../src/seal/key-ring.ts";
import { coatcheck, type StartedProcess, said } from "../support/process.ts";
import { ROOT_TOKEN, request } from "../support/request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A start among many other processes, on a machine that is busy. Milliseconds. */
const LONGEST_START_MS = 90_000;

/** One place of a broker: its data folder stays, its process comes and goes. */
export class Instance {
  readonly data: string;
  readonly #t: TestContext;
  readonly #env: Record<string, string>;
  readonly #clock: string;
  readonly #more: readonly string[];
  #stopped = false;
  readonly #starts: StartedProcess[] = [];
  #running: { readonly started: StartedProcess; readonly address: string } | undefined;

  /** `more`: arguments of `serve`. */
  constructor(t: TestContext, env: Record<string, string>, data = temporaryFolder(t), more: readonly string[] = []) {
    this.#t = t;
    this.data = data;
    this.#more = more;
    this.#clock = join(temporaryFolder(t), "clock");
    this.#env = { ...env, COATCHECK_ROOT_TOKEN: ROOT_TOKEN, FAULT_CLOCK: this.#clock };
    this.setClock(0);
  }

  /** Whether somebody may be sent to it. */
  get runs(): boolean {
    return this.#running !== undefined && !this.#stopped;
  }

  async start(): Promise<void> {
    const args = ["serve", "--data", this.data, "--listen", "127.0.0.1:0", "--allow-networks", "loopback"];
    const started = coatcheck(this.#t, [...args, ...this.#more], this.#env);
    this.#starts.push(started);
    const [, address = ""] = await said(started, /coatcheck is listening at (http:\S+)/, LONGEST_START_MS);
    this.#running = { started, address };
  }

  /** Sets its host's clock ahead by so many milliseconds, where it was started with `shifted-clock`. */
  setClock(ahead: number): void {
    writeFileSync(`${this.#clock}.new`, String(ahead));
    renameSync(`${this.#clock}.new`, this.#clock);
  }

  /** SIGSTOP: it stands still, with its connections. */
  stand(): void {
    this.#stopped = true;
    this.#running?.started.child.kill("SIGSTOP");
  }

  goOn(): void {
    this.#stopped = false;
    this.#running?.started.child.kill("SIGCONT");
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.started.child.kill(signal);
    await running?.started.ended;
  }

  /** A request; undefined when the process is gone or goes meanwhile. */
  async call(method: string, path: string, body?: unknown): Promise<Awaited<ReturnType<typeof request>> | undefined> {
    return this.#request(method, `oauth2/${path}`, body);
  }

  /** The same below `sys/`. */
  async system(method: string, path: string, body?: unknown): ReturnType<Instance["call"]> {
    return this.#request(method, `sys/${path}`, body);
  }

  async #request(...asked: readonly [method: string, path: string, body?: unknown]): ReturnType<Instance["call"]> {
    const running = this.runs ? this.#running : undefined;
    return running && request(running.address, ...asked).catch(() => undefined);
  }

  /** A request of the session API; rejects when there is no answer. */
  async session(method: string, path: string, bearer: string, body?: object) {
    const response = await fetch(`${this.#running?.address}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async isHealthy(): Promise<boolean> {
    const running = this.#running;
    return (
      running !== undefined &&
      (await request(running.address, "GET", "sys/health").catch(() => undefined))?.status === 200
    );
  }

  /** How often its processes logged an event. */
  logged(event: string): number {
    return this.#starts.reduce((sum, { stderr }) => sum + stderr().split(`"${event}"`).length - 1, 0);
  }

  /** Row ids with an answer in the rescue journal. */
  rescued(): ReadonlySet<string> {
    const folder = join(this.data, "rescue");
    const files = existsSync(folder) ? readdirSync(folder) : [];
    return new Set(
      files.filter((file) => file.endsWith(".rescue")).map((file) => file.slice(0, -"-123456abcdef.rescue".length)),
    );
  }
}

/** What the store holds of one credential, without opening it. */
export interface StoredRow {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly lineage: string | null;
  readonly claim: string | null;
  /** As the driver gives it: it is compared. */
  readonly claim_until: unknown;
  readonly intent: string | null;
  readonly escrow: Uint8Array | null;
  readonly sealed: Uint8Array;
}

/** Columns of `StoredRow`, in both stores. */
export const COLUMNS = "id, kind, name, lineage, claim, claim_until, intent, escrow, sealed";

/** HMAC of a refresh token as the rows have it: tells from outside which token is stored. */
export function fingerprints(rows: readonly StoredRow[], key: string): (token: string) => string {
  const row = rows.find(({ kind, name }) => kind === "meta" && name === "deployment");
  if (!row) throw new Error("no deployment in this store");
  const { keys } = loadKeys(key, "", { mayCreate: false });
  const place = { mount: "", kind: "meta", name: "deployment", id: row.id, field: "content" };
  const canary = createSeal({ keys, deploymentId: row.id, fingerprintKey: new Uint8Array(32) });
  const seal = createSeal({ keys, deploymentId: row.id, fingerprintKey: canary.open(row.sealed, place) });
  return (token) => seal.fingerprint(token);
}
