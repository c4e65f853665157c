/**
 * The agent: sessions and their tokens in the memory of a process of the person's own, behind a socket that is theirs alone.
 * It keeps nothing on disk and never waits for a login; sessions are where the commands find them (connect/find-login).
 */
import { chmodSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { systemClock } from "../../process/clock.ts";
import { makeFolder } from "../../process/make-folder.ts";
import { socketPathProblem } from "../../process/socket-path.ts";
import { accepts, watchSocket } from "../connect/unix-socket.ts";
import { CliError, usage } from "../frame/fail.ts";
import { lockFile } from "../kept/lock-file.ts";
import { serveConnection } from "./agent-connection.ts";
import { createAgentSessions } from "./agent-sessions.ts";
import { answerRequest } from "./answer-request.ts";

interface Agent {
  /** Resolves when it was stopped or nobody has asked for so long. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Listens at the path (0600; the folder around it is its owner's alone) and answers from sessions held in memory. */
export async function startAgent(path: string, idleSeconds: number | undefined): Promise<Agent> {
  const sessions = createAgentSessions();
  const ended = Promise.withResolvers<void>();
  let cancel = () => {};
  const rest = (left: number) => {
    cancel();
    if (left <= 0) return stop();
    // A timer of the clock lasts a minute at most.
    const step = Math.min(left, 60_000);
    cancel = systemClock.after(step, () => rest(left - step));
  };
  const touched = () => void (idleSeconds !== undefined && rest(idleSeconds * 1_000));
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    touched();
    serveConnection(socket, (request) => answerRequest(sessions, request, stop));
  });
  const stop = () => {
    cancel();
    unwatch();
    server.close(() => ended.resolve());
  };
  await listenAlone(server, path);
  const unwatch = watchSocket(path, async () => {
    server.close();
    makeFolder(dirname(path));
    await listenAlone(server, path).catch((error: unknown) => {
      // Another one has taken its place.
      if (error instanceof CliError) stop();
      throw error;
    });
    return path;
  });
  touched();
  return { ended: ended.promise, stop };
}

/** Of several that start at once one listens: the lock is held from the look at the socket until it is there. */
async function listenAlone(server: Server, path: string): Promise<void> {
  const problem = socketPathProblem(path);
  if (problem !== undefined) throw usage(`${problem}: set COATCHECK_AGENT_SOCK to a shorter one`);
  const release = lockFile(`${path}.lock`);
  try {
    if (await accepts(path)) throw new CliError("agent_running", `an agent is already listening at ${path}`);
    // Only what an agent that was killed has left; any other file is somebody's.
    if (statSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
      throw new CliError("agent_path_taken", `${path} is not a socket: set COATCHECK_AGENT_SOCK to another path`);
    }
    rmSync(path, { force: true });
    await listen(server, path);
  } finally {
    release();
  }
}

function listen(server: Server, path: string): Promise<void> {
  const mask = process.umask(0o177);
  return new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  }).finally(() => process.umask(mask));
}
