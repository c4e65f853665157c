import { existsSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../frame/environment.ts";
import { runtimeFolder } from "../kept/folders.ts";

/** Where the agent listens, or would: named by the environment, else in the runtime folder if that exists. */
export function agentSocket(): string | undefined {
  const { COATCHECK_AGENT_SOCK } = environment();
  if (COATCHECK_AGENT_SOCK) return COATCHECK_AGENT_SOCK;
  const folder = runtimeFolder(false);
  return folder === undefined ? undefined : join(folder, "agent.sock");
}

/** Only where there is one: no socket, no try. */
export function presentAgent(): string | undefined {
  const socket = agentSocket();
  return socket !== undefined && existsSync(socket) ? socket : undefined;
}
