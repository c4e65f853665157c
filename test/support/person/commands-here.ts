/**
 * Commands in the process of the test: a process for each costs half a second of the processor, most of it before the command's
 * first line. A command that runs here has a process of its own as far as its code can see: arguments, environment, home, streams,
 * signals, exit code. What it starts, opens and says to a broker is real.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { PassThrough, Writable } from "node:stream";
import type { TestContext } from "node:test";
import { fastToken } from "../../../src/cli/agent/fast-token.ts";
import { main } from "../../../src/cli/main.ts";
import type { Started } from "../process.ts";

/** A command that is running, or has been. */
class CommandHere implements Started {
  readonly argv: readonly string[];
  readonly env: Record<string, string | undefined>;
  /** What the command reads. */
  readonly input = new PassThrough();
  /** What is written to it is heard by the command's own code. */
  readonly stdin = new Writable({
    write: (chunk, _encoding, done) => this.#heard(done, () => void this.input.write(chunk, done)),
    final: (done) => this.#heard(done, () => void this.input.end(done)),
  });
  readonly said = { stdout: "", stderr: "" };
  readonly signals = new EventEmitter();
  readonly ended: Promise<number | NodeJS.Signals>;
  exitCode = 0;
  isOver = false;
  #end: (how: number | NodeJS.Signals) => void = () => {};

  constructor(argv: readonly string[], env: Readonly<Record<string, string>>) {
    this.argv = argv;
    this.env = { ...env };
    this.ended = new Promise((done) => {
      this.#end = done;
    });
  }

  stdout(): string {
    return this.said.stdout;
  }

  stderr(): string {
    return this.said.stderr;
  }

  /** What a process says after its end nobody hears. */
  say(stream: "stdout" | "stderr", text: string | Uint8Array): void {
    if (!this.isOver) this.said[stream] += typeof text === "string" ? text : Buffer.from(text).toString();
  }

  /** Whether it listens or not: nobody who writes is to wait for that. */
  #heard(done: () => void, write: () => void): void {
    if (this.input.writable) running.run(this, write);
    else done();
  }

  kill(signal: NodeJS.Signals): void {
    const isHeard = running.run(this, () => this.signals.emit(signal, signal));
    if (!isHeard) this.end(signal);
  }

  /** Unlike a process's, the code that asks for the end goes on; nobody hears of it any more. */
  end(how: number | NodeJS.Signals): void {
    if (this.isOver) return;
    this.isOver = true;
    this.input.end();
    actual.umask(MASK);
    this.#end(how);
  }
}

const running = new AsyncLocalStorage<CommandHere>();

/** As in the process of `started`, from `calledBy` on; it has ended when the test ends. */
export function startHere(
  t: TestContext,
  [calledBy, ...args]: readonly [calledBy: string, ...string[]],
  env: Readonly<Record<string, string>>,
): Started {
  const command = new CommandHere([process.execPath, calledBy, ...args], env);
  t.after(async () => {
    if (!command.isOver) command.kill("SIGINT");
    await command.ended;
  });
  void running.run(command, async () => {
    // As src/cli/start.ts does, without the bridge, which lives as long as its process.
    if (!(await fastToken(args))) await main(command.argv);
    command.end(command.exitCode);
  });
  return command;
}

const actual = process;

/** Commands that write secrets set a narrower one for their process. */
const MASK = actual.umask();

/** What the code of a command sees instead of this process's own. */
const OWN: ReadonlyMap<string | symbol, (command: CommandHere) => unknown> = new Map(
  Object.entries({
    argv: ({ argv }) => argv,
    env: ({ env }) => env,
    stdin: ({ input }) => input,
    stdout: (command) => streamOf(command, "stdout"),
    stderr: (command) => streamOf(command, "stderr"),
    exitCode: ({ exitCode }) => exitCode,
    exit: (command) => (code?: number) => command.end(code ?? command.exitCode),
    on: ({ signals }) => signals.on.bind(signals),
    once: ({ signals }) => signals.once.bind(signals),
    off: ({ signals }) => signals.off.bind(signals),
  } satisfies Record<string, (command: CommandHere) => unknown>),
);

function streamOf(command: CommandHere, name: "stdout" | "stderr"): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      command.say(name, chunk);
      done();
    },
  });
}

/** What belongs to no command must not end the tests as if they had passed. */
function notHere(): never {
  throw new Error("process.exit was called by the code of a command, but not while one ran");
}

/** The code of commands says `process`; Node itself, and node:test, which reports on the same streams, go on with the actual one. */
globalThis.process = new Proxy(actual, {
  get: (target, name) => {
    const command = running.getStore();
    const own = command && OWN.get(name);
    if (own) return own(command);
    return name === "exit" ? notHere : Reflect.get(target, name, target);
  },
  set: (target, name, value) => {
    const command = running.getStore();
    if (command === undefined || name !== "exitCode") return Reflect.set(target, name, value, target);
    command.exitCode = value;
    return true;
  },
});

/** commander has a `process` of its own, for what it prints. */
for (const name of ["stdout", "stderr"] as const) {
  const stream = actual[name];
  const write = stream.write.bind(stream);
  stream.write = (text: string | Uint8Array, ...more: readonly never[]) => {
    const command = running.getStore();
    command?.say(name, text);
    return command !== undefined || write(text, ...more);
  };
}

const { homedir, tmpdir } = os;
os.homedir = () => running.getStore()?.env.HOME ?? homedir();
os.tmpdir = () => running.getStore()?.env.TMPDIR ?? tmpdir();
syncBuiltinESMExports();
