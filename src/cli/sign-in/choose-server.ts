import { CliError, EXIT } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { ask } from "../terminal/ask.ts";

/** A login names no server, and its broker has no default: these are the ones that one may sign in to. */
export class NoServerNamed extends CliError {
  readonly servers: readonly string[];

  /** `isOwn`: the person's own broker, where they add servers themselves. */
  constructor(servers: readonly string[], cause: string, isOwn: boolean) {
    const toAdd = isOwn && servers.length === 0;
    const text = toAdd ? NONE_YET : `name the server: coatcheck login SERVER (${cause})`;
    super("usage", text, { exit: EXIT.usage, ...(toAdd && { next: ["coatcheck", "server", "add", "--help"] }) });
    this.servers = servers;
  }
}

const NONE_YET =
  "your own broker knows no server yet: name a Matrix homeserver or an MCP server by its address (coatcheck login ADDRESS), or add a provider first";

/** Times that somebody is asked again. */
const TRIES = 3;

/** The one that the person at the terminal chooses, by its number or name; where nobody can be asked they are listed. */
export async function chooseServer(out: Output, missing: NoServerNamed): Promise<string> {
  const { servers } = missing;
  if (servers.length === 0) throw missing;
  const width = String(servers.length).length;
  const number = (index: number) => (out.interactive ? `${String(index + 1).padStart(width)}  ` : "");
  out.note(["You can sign in to:", ...servers.map((name, index) => `  ${number(index)}${name}`)]);
  if (!out.interactive) throw missing;
  for (let left = TRIES; left > 0; left--) {
    const answer = await ask("Which one (number or name)? ");
    const chosen = servers.find((name) => name === answer) ?? servers[Number(answer) - 1];
    if (chosen !== undefined) return chosen;
    out.note(`There is no "${answer}" in the list.`);
  }
  throw missing;
}
