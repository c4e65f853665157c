import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Agent, request } from "node:http";

/** A broker in a process of its own, on a port that is free, and on a socket if one is named; what it logs goes to its `stderr`. */
export async function startBroker(
  data: string,
  token: string,
  level = "warn",
  socket?: string,
): Promise<{ child: ChildProcess; base: string }> {
  const args = ["bin/coatcheck.js", "serve", "--data", data, "--listen", "127.0.0.1:0", "--allow-networks", "loopback"];
  const flags = [
    "--public-url",
    "http://127.0.0.1:8200",
    ...(socket === undefined ? [] : ["--listen", `unix:${socket}`]),
  ];
  const env = { ...process.env, COATCHECK_ROOT_TOKEN: token, COATCHECK_LOG_LEVEL: level };
  const child = spawn(process.execPath, [...args, ...flags], { env, stdio: ["ignore", "ignore", "pipe"] });
  process.once("exit", () => child.kill("SIGKILL"));
  for await (const said of child.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    const base = /is listening at (http:\S+)/.exec(said)?.[1];
    if (base !== undefined) return { child, base };
  }
  throw new Error("the broker did not start");
}

/** Sends one request on a connection of this agent, and answers the body's text. */
export function callBy(agent: Agent) {
  return (url: string, method = "GET", headers: Record<string, string> = {}, body = ""): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, agent, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(text));
      });
      sent.on("error", reject).end(body);
    });
}

/** Milliseconds of processor time in one of Linux's ticks. */
const TICK_MS = 10;

/** Processor time of a process so far, in milliseconds; of its children that have ended if asked (proc_pid_stat(5)). */
export function processorMs(pid: number | "self" | undefined, { ofChildren = false } = {}): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const from = ofChildren ? 13 : 11;
  return (Number(fields[from]) + Number(fields[from + 1])) * TICK_MS;
}

export function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
}
