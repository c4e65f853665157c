import { hostname, userInfo } from "node:os";
import type { Prompt } from "../../client/index.ts";
import { type Environment, environment } from "../frame/environment.ts";
import { shellWords } from "../frame/output.ts";

/**
 * What a person is told whose browser is on another machine than the broker (MCP-L2): by which line it can come back, and
 * that the address of the page that it cannot open is as good.
 */
export function wayBackLines({ redirectUri }: Prompt, name: string, isAsked: boolean): readonly string[] {
  if (redirectUri === undefined) return [];
  const paste = isAsked
    ? "paste the address of that page here and press Enter"
    : `hand in the address of that page: ${shellWords(["coatcheck", "login", "--resume", name, "--paste"])}`;
  const tunnel = tunnelLine(redirectUri);
  // Nothing of this machine answers https: its certificate would be nobody's.
  const which = redirectUri.startsWith("https:") ? "The browser" : "A browser on another machine";
  return [
    `  ${which} ends at a page that it cannot open (${redirectUri}): ${paste}.`,
    ...(tunnel === undefined ? [] : ["  Or let it come back by itself; run this there first:", `    ${tunnel}`]),
  ];
}

/** Ready to copy: as whom and where this machine is reached. */
function tunnelLine(redirectUri: string, env: Environment = environment()): string | undefined {
  const { protocol, port } = new URL(redirectUri);
  if (protocol !== "http:") return undefined;
  // sshd(8): client address and port, server address and port.
  const [, , address = hostname(), sshPort = "22"] = (env.SSH_CONNECTION ?? "")
    .split(" ")
    .filter((part) => part !== "");
  const way = sshPort === "22" ? "" : `-p ${sshPort} `;
  return `ssh -L ${port}:127.0.0.1:${port} ${way}${userName(env)}@${address}`;
}

/** A container's user may have no name. */
function userName({ USER }: Environment): string {
  try {
    return userInfo().username;
  } catch {
    return USER || "USER";
  }
}
