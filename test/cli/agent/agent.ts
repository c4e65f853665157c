import { connect } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { signedIn } from "../../support/demo.ts";
import { said } from "../../support/process.ts";

export const socketOf = (home: string) => join(home, "run/coatcheck/agent.sock");

/** An agent in the foreground, of somebody who is signed in. */
export async function startAgent(t: TestContext, ...flags: string[]) {
  const stage = await signedIn(t);
  const agent = stage.person.startProcess(["agent", "--foreground", ...flags]);
  await said(agent, /OIDC_SOCK='([^']+)'; export OIDC_SOCK;/);
  return { ...stage, agent, path: socketOf(stage.person.home) };
}

/** One object per connection, in plain text; `end` half-closes behind it. */
export function say(path: string, text: string, { end = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(path, () => (end ? socket.end(text) : socket.write(text)));
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}
