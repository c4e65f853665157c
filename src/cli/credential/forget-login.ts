import { tellAgent } from "../agent/ask-agent.ts";
import { heldSession } from "../broker/held-session.ts";
import { forgetSession } from "../files/sessions-file.ts";
import { createOutput } from "../output.ts";

/** A foreign program's logout: the session ends at the broker, and is forgotten here. */
export async function forgetLogin(name: string): Promise<void> {
  const held = await heldSession(createOutput({ plain: true }), name);
  await held.session.logout();
  await tellAgent({ request: "forget", name: held.name });
  forgetSession(held.name);
}
