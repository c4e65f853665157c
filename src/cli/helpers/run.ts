/**
 * Other programs' protocols, one a file: what the program says comes in and what it is told goes out, as texts. Which login
 * answers was written down by setup/; where its token comes from is tokens/'.
 */
import type { Readable } from "node:stream";
import { systemClock } from "../../process/clock.ts";
import { longestWait } from "../connect/timed-fetch.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT } from "../frame/fail.ts";
import { createOutput } from "../frame/output.ts";
import { readSecretFiles } from "../frame/secret-files.ts";
import { visibleLines } from "../frame/visible.ts";
import { readSettings } from "../kept/settings-file.ts";
import { reportRejected, type TokenNeeds, tokenSource } from "../tokens/token-source.ts";
import type { HelperCall, Protocol } from "./helper-call.ts";
import { type CurrentToken, complaint, type HelperAnswer, type HelperRequest, type Tokens } from "./protocol.ts";

/** Every protocol, loaded only when it is the one. */
const PROTOCOLS: Readonly<Record<Protocol, () => Promise<(asked: HelperRequest) => Promise<HelperAnswer>>>> = {
  git: async () => (await import("./git.ts")).git,
  kubectl: async () => (await import("./kubectl.ts")).kubectl,
  docker: async () => (await import("./docker.ts")).docker,
  aws: async () => (await import("./aws.ts")).aws,
  cargo: async () => (await import("./cargo.ts")).cargo,
  bazel: async () => (await import("./bazel.ts")).bazel,
  terraform: async () => (await import("./terraform.ts")).terraform,
  go: async () => (await import("./go.ts")).go,
  google: async () => (await import("./google.ts")).google,
  pip: async () => (await import("./pip.ts")).pip,
  pnpm: async () => (await import("./pnpm.ts")).pnpm,
};

/** Answers a foreign program in its own way. */
export async function runHelper({ protocol, args }: HelperCall): Promise<void> {
  const answered = await answerHelper(protocol, args);
  process.exitCode = answered.exit ?? 0;
  if (answered.err) process.stderr.write(visibleLines(answered.err));
  // What is waited for no longer must not keep the process.
  process.stdout.write(answered.out ?? "", () => process.exit());
}

async function answerHelper(protocol: Protocol, args: readonly string[]): Promise<HelperAnswer> {
  try {
    readSecretFiles();
    const answer = await PROTOCOLS[protocol]();
    return await answer(askedBy(args));
  } catch (error) {
    return { err: complaint(error), exit: 1 };
  }
}

function askedBy(args: readonly string[]): HelperRequest {
  const within = deadline();
  const bounded: Tokens = {
    current: (name, needs) => within(currentToken(name, needs)),
    rejected: (name, sha256) => within(reportRejected(name, sha256)),
  };
  return {
    args,
    env: environment(),
    // Only who needs them minds that they cannot be read.
    get settings() {
      return readSettings();
    },
    tokens: bounded,
    within,
    write: (text) => void process.stdout.write(text),
    lines: () => linesOf(process.stdin),
    input: () => within(textOf(process.stdin)),
  };
}

async function currentToken(name: string, needs?: TokenNeeds): Promise<CurrentToken> {
  const token = await tokenSource(createOutput({ plain: true }), name)(needs);
  const { accessToken, tokenType, idToken } = token;
  const [expiresAt, idTokenExpiresAt] = [endOf(token.expiresIn), endOf(token.idTokenExpiresIn)];
  return {
    accessToken,
    tokenType,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(idToken !== undefined && { idToken }),
    ...(idTokenExpiresAt !== undefined && { idTokenExpiresAt }),
  };
}

/** Epoch seconds. */
function endOf(expiresIn: number | undefined): number | undefined {
  return expiresIn === undefined ? undefined : Math.floor(systemClock.wall() / 1_000) + expiresIn;
}

/** From now on everything that is waited for ends in time, as a failure that each protocol says in its own form. */
function deadline(): HelperRequest["within"] {
  const signal = AbortSignal.timeout(longestWait());
  const over = new Promise<never>((_, reject) => {
    const late = () => reject(new CliError("timeout", "the broker took too long to answer", { exit: EXIT.timeout }));
    signal.addEventListener("abort", late);
  });
  over.catch(() => {});
  return (work) => Promise.race([work, over]);
}

async function textOf(input: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Split at the newline alone: a carriage return within a value would forge the next line (CVE-2024-52006). */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  let rest = "";
  input.setEncoding("utf8");
  for await (const chunk of input) {
    const parts = `${rest}${chunk}`.split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}
