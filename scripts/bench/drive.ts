import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Answers } from "./answers.ts";
import { processorMs } from "./usage.ts";

/**
 * What is asked, again and again. In path and body `{n}` is a random number below `names`, and `{i}` counts the
 * requests from 0, so that each can be of another name.
 */
export interface Load {
  readonly url: URL;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly names?: number;
  /** Certificates of authorities, PEM; by default those of Node. */
  readonly ca?: string;
  /** Each has one request under way at a time. */
  readonly connections: number;
  /** Ends after so many answers, or after so much time, whatever comes first; no request is begun then. */
  readonly operations?: number;
  readonly seconds?: number;
  /** The process that answers, where it is on this machine and that is Linux. */
  readonly pid?: number;
}

/** What came of it. Times are from a request's write to its last byte, in milliseconds. */
export interface Driven {
  readonly operations: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** By status that is none of 200 to 299, or by the code of a connection's error. */
  readonly errors: Readonly<Record<string, number>>;
  /** Processor time of the answering process for each, microseconds. */
  readonly processorMicros?: number;
}

/** Loads one server over connections that stay, and tells what it noticed. It checks each status, and reads no body. */
export async function drive(load: Load): Promise<Driven> {
  const run = new Run(load);
  const before = load.pid === undefined ? 0 : processorMs(load.pid);
  const from = performance.now();
  await Promise.all(Array.from({ length: load.connections }, () => run.connection()));
  const seconds = (performance.now() - from) / 1_000;
  const times = Float64Array.from(run.times).sort();
  const at = (part: number) => times[Math.ceil(times.length * part) - 1] ?? 0;
  const spent = load.pid === undefined ? undefined : processorMs(load.pid) - before;
  return {
    ...{
      operations: times.length,
      seconds,
      perSecond: times.length / seconds,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
    },
    errors: Object.fromEntries(run.errors),
    ...(spent !== undefined && { processorMicros: (spent * 1_000) / Math.max(1, times.length) }),
  };
}

/** An answer that takes longer is an error, `timeout`. Milliseconds. */
const PATIENCE_MS = 10_000;

/** A server that refuses every connection is not asked for ever. */
const MOST_FAILURES = 100;

class Run {
  readonly times: number[] = [];
  readonly errors = new Map<string, number>();
  readonly #load: Load;
  readonly #request: () => string | Buffer;
  readonly #end: number;
  #begun = 0;
  #failures = 0;

  constructor(load: Load) {
    this.#load = load;
    this.#end = load.seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + load.seconds * 1_000;
    const varies = /\{[ni]\}/.test(`${load.path}${load.body ?? ""}`);
    const fixed = Buffer.from(this.#render());
    this.#request = varies ? () => this.#render() : () => fixed;
  }

  async connection(): Promise<void> {
    while (this.#isOn()) {
      const problem = await this.#use(this.#connect());
      if (problem === undefined) continue;
      this.#count(problem);
      this.#failures += 1;
    }
  }

  #isOn(): boolean {
    const { operations = Number.POSITIVE_INFINITY } = this.#load;
    return this.#begun < operations && this.#failures < MOST_FAILURES && performance.now() < this.#end;
  }

  #connect(): Socket {
    const { url, ca } = this.#load;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (url.protocol === "http:") return connect(Number(url.port || 80), host);
    return connectTls({ host, servername: host, port: Number(url.port || 443), ...(ca !== undefined && { ca }) });
  }

  #render(): string {
    const { url, path, method = "GET", headers = {}, body = "", names = 1 } = this.#load;
    const number = String(Math.floor(Math.random() * names));
    const fill = (text: string) => text.replaceAll("{n}", number).replaceAll("{i}", String(this.#begun));
    const content = fill(body);
    const length = content === "" ? {} : { "Content-Length": String(Buffer.byteLength(content)) };
    const lines = Object.entries({ Host: url.host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}`);
    return `${method} ${fill(path)} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${content}`;
  }

  #count(problem: string): void {
    this.errors.set(problem, (this.errors.get(problem) ?? 0) + 1);
  }

  /** Asks on one connection until it ends, or enough was asked; answers what went wrong with it. */
  #use(socket: Socket): Promise<string | undefined> {
    const answers = new Answers();
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    let sentAt: number | undefined;
    const next = () => {
      sentAt = undefined;
      if (answers.closes || !this.#isOn()) return void socket.destroy();
      const request = this.#request();
      this.#begun += 1;
      sentAt = performance.now();
      socket.write(request);
    };
    const answered = (status: number | undefined) => {
      if (status === undefined || sentAt === undefined) return;
      this.times.push(performance.now() - sentAt);
      if (status < 200 || status > 299) this.#count(String(status));
      next();
    };
    socket.setNoDelay(true).setTimeout(PATIENCE_MS, () => {
      resolve("timeout");
      socket.destroy();
    });
    socket.once(this.#load.url.protocol === "http:" ? "connect" : "secureConnect", next);
    socket.on("data", (bytes) => answered(answers.take(bytes)));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("close", () => {
      answered(answers.end());
      resolve(sentAt === undefined ? undefined : "closed");
    });
    return promise;
  }
}
