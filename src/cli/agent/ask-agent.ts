import { connect } from "node:net";
import { environment } from "../frame/environment.ts";
import { presentAgent } from "./agent-socket.ts";
import type { AgentAnswer, AgentRequest, SentRequest } from "./agent-wire.ts";

/** An agent that says nothing is as good as none; a refresh that it waits for may take its time. Milliseconds. */
const TIMEOUT_MS = 10_000;

/** One request, one answer; `undefined` where there is no agent, or none that answers. Loads nothing that is slow. */
export function askAgent(request: AgentRequest): Promise<AgentAnswer | undefined> {
  const path = presentAgent();
  if (path === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: TIMEOUT_MS });
    let text = "";
    socket.setEncoding("utf8");
    socket.on("timeout", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(parse(text)));
    const addr = environment().COATCHECK_ADDR;
    const sent: SentRequest = addr ? { ...request, addr } : request;
    socket.write(`${JSON.stringify(sent)}\n`);
  });
}

function parse(text: string): AgentAnswer | undefined {
  try {
    return JSON.parse(text) as AgentAnswer;
  } catch {
    return undefined;
  }
}

/** What the agent should know; nobody minds if there is none. */
export async function tellAgent(request: AgentRequest): Promise<void> {
  await askAgent(request);
}
