import { createInterface } from "node:readline";
import { environment } from "../environment.ts";
import { failureOf } from "../fail.ts";
import { readSettings } from "../files/settings-file.ts";
import type { HelperCall, Protocol } from "./helper-call.ts";
import type { Answered, Asked } from "./protocol.ts";
import { tokens } from "./sources.ts";

/** Every protocol, loaded only when it is the one. */
const PROTOCOLS: Readonly<Record<Protocol, () => Promise<(asked: Asked) => Promise<Answered>>>> = {
  git: async () => (await import("./git.ts")).git,
  kubectl: async () => (await import("./kubectl.ts")).kubectl,
  docker: async () => (await import("./docker.ts")).docker,
  aws: async () => (await import("./aws.ts")).aws,
  cargo: async () => (await import("./cargo.ts")).cargo,
  bazel: async () => (await import("./bazel.ts")).bazel,
  terraform: async () => (await import("./terraform.ts")).terraform,
  go: async () => (await import("./go.ts")).go,
  google: async () => (await import("./google.ts")).google,
};

/** A foreign program waits: it gets an answer, or an end. Milliseconds. */
const TIMEOUT_MS = 10_000;

/** Answers a foreign program in its own way. */
export async function runHelper({ protocol, args }: HelperCall): Promise<void> {
  const seconds = Number(environment.COATCHECK_TIMEOUT);
  const limit = seconds > 0 ? seconds * 1_000 : TIMEOUT_MS;
  AbortSignal.timeout(limit).addEventListener("abort", () => {
    process.stderr.write("coatcheck: the broker takes too long\n");
    process.exit(1);
  });
  const answered = await answerHelper(protocol, args);
  if (answered.err) process.stderr.write(answered.err);
  if (answered.out) process.stdout.write(answered.out);
  process.exitCode = answered.exit ?? 0;
  process.stdin.destroy();
}

async function answerHelper(protocol: Protocol, args: readonly string[]): Promise<Answered> {
  try {
    const answer = await PROTOCOLS[protocol]();
    return await answer(askedBy(args));
  } catch (error) {
    return { err: `coatcheck: ${failureOf(error).message}\n`, exit: 1 };
  }
}

function askedBy(args: readonly string[]): Asked {
  return {
    args,
    env: environment,
    settings: readSettings(),
    tokens,
    write: (text) => void process.stdout.write(text),
    lines: () => createInterface({ input: process.stdin }),
    input: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}
