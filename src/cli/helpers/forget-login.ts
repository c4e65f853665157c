import { tellAgent } from "../agent/ask-agent.ts";
import { heldSession } from "../connect/held-session.ts";
import { createOutput } from "../frame/output.ts";
import { forgetSession } from "../kept/sessions-file.ts";

/** A foreign program's logout: the session ends at the broker, and is forgotten here. */
export async function forgetLogin(name: string): Promise<void> {
  const held = await heldSession(createOutput({ plain: true }), name);
  await held.session.logout();
  await tellAgent({ request: "forget", name: held.name });
  forgetSession(held.name);
}
