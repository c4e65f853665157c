import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pause } from "../../client/time.ts";
import { makeFolder } from "../../process/make-folder.ts";
import { keepMemoryPrivate } from "../../process/private-memory.ts";
import { accepts } from "../connect/unix-socket.ts";
import { startSelf } from "../frame/children.ts";
import { environment } from "../frame/environment.ts";
import { CliError } from "../frame/fail.ts";
import { runChild } from "../frame/run-child.ts";
import { isPrivateFolder, runtimeFolder } from "../kept/folders.ts";
import { startAgent } from "./agent-server.ts";
import { agentSocket } from "./agent-socket.ts";
import { askAgent } from "./ask-agent.ts";

/** It loads the client library and listens: within a second; a machine may be slow. Milliseconds. */
const LONGEST_START_MS = 10_000;

/** What other programs find the agent by; not `OIDC_SOCK` where that is another's. */
export function agentVariables(path: string, other: string | undefined): Readonly<Record<string, string>> {
  return { COATCHECK_AGENT_SOCK: path, ...(other === undefined && { OIDC_SOCK: path }) };
}

/**
 * Where an oidc-agent listens that its programs find now: named by the environment, else its service's socket, if nobody else can
 * have put it there. An agent of ours is none.
 */
export async function livingOidcAgent(path: string): Promise<string | undefined> {
  const { OIDC_SOCK, COATCHECK_AGENT_SOCK, TMPDIR } = environment();
  const service = join(TMPDIR || "/tmp", `oidc-agent-service-${process.getuid?.()}`);
  // Everybody may make a folder of that name there (ST-34).
  const found = OIDC_SOCK || (isPrivateFolder(service) ? join(service, "oidc-agent.sock") : path);
  return found !== path && found !== COATCHECK_AGENT_SOCK && (await accepts(found)) ? found : undefined;
}

/** Where an agent is to listen; the folder is there then. */
export function makeSocketFolder(): string {
  runtimeFolder(true);
  const path = agentSocket() ?? "";
  makeFolder(dirname(path));
  return path;
}

/** Starts one that outlives this command, unless one listens there. */
export async function agentInBackground(path: string, idleSeconds: number | undefined): Promise<void> {
  if (await accepts(path)) return;
  const args = ["agent", "--foreground", ...(idleSeconds === undefined ? [] : ["--idle", String(idleSeconds)])];
  const child = startSelf(args, { detached: true, stdio: "ignore", cwd: "/" });
  child.unref();
  for (const from = performance.now(); performance.now() - from < LONGEST_START_MS; await pause(10)) {
    // Looked at before: another one may have been faster, and this one has ended for that.
    const ended = child.exitCode !== null;
    if (await accepts(path)) return endLatecomer(child);
    if (ended) break;
  }
  throw new CliError("agent_not_started", "the agent did not start: run coatcheck agent --foreground to see why");
}

/** One that is not there yet while another listens would take its place once that has stopped. */
async function endLatecomer(child: ChildProcess): Promise<void> {
  const answer = await askAgent({ request: "process" });
  if (answer?.pid !== undefined && answer.pid !== child.pid) child.kill();
}

/**
 * Runs a command with an agent of its own, as ssh-agent does: whether another one runs, and when that ends, is nothing to it.
 * Answers the command's exit code.
 */
export async function runWithAgent(
  command: readonly string[],
  idleSeconds: number | undefined,
  other: string | undefined,
): Promise<number> {
  const folder = mkdtempSync(join(runtimeFolder(true) ?? tmpdir(), "agent-"));
  const path = join(folder, "agent.sock");
  try {
    const running = await startAgent(path, idleSeconds);
    const env = { ...environment(), ...agentVariables(path, other) };
    const ended = runChild(command, { env });
    // What the command's own crash writes is not ours to say: it has begun already.
    keepMemoryPrivate();
    return await ended.finally(() => running.stop());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
