import { environment } from "../frame/environment.ts";
import { isWritable } from "../frame/visible.ts";
import { askAgent } from "./ask-agent.ts";

/**
 * `coatcheck token [NAME]` from a warm agent, before anything slow is loaded. Answers whether the command is done; whatever
 * is out of the ordinary (other options, no agent, a failure) is the whole command's.
 */
export async function fastToken(args: readonly string[]): Promise<boolean> {
  const [command, name, ...more] = args;
  if (command !== "token" || more.length > 0 || name?.startsWith("-")) return false;
  if (environment().COATCHECK_SESSION || environment().COATCHECK_SESSION_FILE) return false;
  const answer = await askAgent({ request: "token", ...(name !== undefined && { name }) });
  if (!answer?.token || !isWritable(answer.token.access_token)) return false;
  process.stdout.write(`${answer.token.access_token}\n`);
  return true;
}
