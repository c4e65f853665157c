/** How an agent is told to start `coatcheck mcp URL`: in its own file, by its own command, or as text to paste. */
import { existsSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { runProgramNow } from "../../frame/children.ts";
import { CliError, usage } from "../../frame/fail.ts";
import { type Output, shellWords } from "../../frame/output.ts";
import { changeForeign, readForeign, requireInside } from "../foreign-file.ts";
import { formatOf, pathOf, withEntry, withoutEntry } from "./agent-file.ts";
import type { Agent, Server } from "./agents.ts";
import { insertInto } from "./edits.ts";
import { fileOf } from "./folders.ts";
import { noteWritten, writtenIn } from "./records.ts";
import { serverOf, type TypedServer } from "./server.ts";

export interface AgentFlags {
  readonly project?: boolean;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
}

/** Shows the change and makes it, or takes it back. */
export async function setUpAgent(
  out: Output,
  program: string,
  agent: Agent,
  wanted: TypedServer,
  { project = false, undo = false, dryRun = false }: AgentFlags,
): Promise<void> {
  const { leftOut, ...server } = serverOf(wanted);
  for (const name of undo ? [] : leftOut) {
    out.warn(`${name} has a password in it and is not written: ${agent.title} must get it in another way`);
  }
  const setup = { out, program, agent, server, wanted, dryRun };
  const file = fileOf(agent, project);
  if (project && file !== undefined) requireInside(".", file);
  if (file !== undefined) return undo ? undoFile(setup, file) : writeFile(setup, file, project);
  if (agent.command) return undo ? undoCommand(setup, agent.command) : runCommand(setup, agent.command);
  if (undo) throw usage(`setup ${program} writes nothing: remove what you pasted`);
  return paste(setup);
}

interface Setup {
  readonly out: Output;
  readonly program: string;
  readonly agent: Agent;
  readonly server: Server;
  readonly wanted: TypedServer;
  readonly dryRun: boolean;
}

async function writeFile(setup: Setup, file: string, project: boolean): Promise<void> {
  const { out, agent, server, dryRun } = setup;
  const format = await formatOf(agent);
  const change = (text: string | undefined) => {
    const path = pathOf(agent, format, text ?? "", server.name);
    return withEntry(file, format, path, agent.entry(server), text, writtenIn(file, server.name));
  };
  const found = readForeign(file);
  out.note([`${file}${found === undefined ? " (new)" : ""}:`, ...change(found).added.map((line) => `  + ${line}`)]);
  if (dryRun) return out.result("nothing was changed", { changed: false });
  const mode = project && found === undefined ? 0o644 : undefined;
  const made = writtenIn(file, server.name)?.made ?? missingFolder(file);
  changeForeign(
    file,
    (text) => {
      const { text: after, written } = change(text);
      // First: an entry that nobody knows of could not be taken back.
      noteWritten(file, server.name, { ...written, ...(made !== undefined && { made }) });
      return after;
    },
    mode,
  );
  tell(setup, { file });
}

async function undoFile(setup: Setup, file: string): Promise<void> {
  const { out, program, agent, server, dryRun } = setup;
  const written = writtenIn(file, server.name);
  if (!written) return nothing(out, program, server);
  const format = await formatOf(agent);
  out.note([`${file}:`, `  - ${server.name}`]);
  if (dryRun) return out.result("nothing was changed", { changed: false });
  changeForeign(file, (text) =>
    withoutEntry(file, format, pathOf(agent, format, text ?? "", server.name), text, written),
  );
  if (written.made !== undefined) removeEmpty(dirname(file), written.made);
  noteWritten(file, server.name, undefined);
  undone(setup);
}

/** The topmost folder that has to be made for a file; undefined: none. */
function missingFolder(file: string): string | undefined {
  let missing: string | undefined;
  for (let folder = dirname(file); !existsSync(folder); folder = dirname(folder)) missing = folder;
  return missing;
}

/** From the innermost to the one that was made first; what somebody has put something into stays. */
function removeEmpty(folder: string, last: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
  if (folder !== last && folder.startsWith(last)) removeEmpty(dirname(folder), last);
}

type Command = NonNullable<Agent["command"]>;

async function runCommand(setup: Setup, { program, add, remove }: Command): Promise<void> {
  const { out, server, agent, dryRun } = setup;
  const words = add(server);
  const shown = shellWords([program, ...words]);
  out.note(["runs:", `  ${shown}`]);
  if (dryRun) return out.result("nothing was changed", { changed: false });
  if (writtenIn(program, server.name)) runProgramNow(program, remove(server.name));
  const { error, status, stderr } = runProgramNow(program, words);
  if (error) {
    const text = [`${program} was not found here. Run this where ${agent.title} is:`, shown];
    return out.result(text, { program: setup.program, name: server.name, paste: shown });
  }
  if (status !== 0) throw refused(program, stderr);
  noteWritten(program, server.name, { sha256: "", ranges: [], isNew: false });
  tell(setup, {});
}

async function undoCommand(setup: Setup, command: Command): Promise<void> {
  const { out, program, server, dryRun } = setup;
  if (!writtenIn(command.program, server.name)) return nothing(out, program, server);
  const words = command.remove(server.name);
  out.note(["runs:", `  ${shellWords([command.program, ...words])}`]);
  if (dryRun) return out.result("nothing was changed", { changed: false });
  const { error, status, stderr } = runProgramNow(command.program, words);
  if (error) throw new CliError("not_run", `cannot run ${command.program}: is it in PATH?`);
  if (status !== 0) throw refused(command.program, stderr);
  noteWritten(command.program, server.name, undefined);
  undone(setup);
}

function refused(program: string, said: string): CliError {
  return new CliError("failure", `${program} failed: ${said.trim().split("\n")[0]}`);
}

async function paste({ out, program, agent, server }: Setup): Promise<void> {
  const format = await formatOf(agent);
  const { text } = insertInto("", format.insert("", [...agent.table, server.name], agent.entry(server)));
  out.result(text.trimEnd().split("\n"), { program, name: server.name, paste: text });
}

function tell({ out, program, agent, server, wanted }: Setup, more: { readonly file?: string }): void {
  const login = shellWords([
    "coatcheck",
    "login",
    wanted.url,
    ...(wanted.login === undefined ? [] : ["--name", wanted.login]),
  ]);
  out.result(
    [
      `${agent.title} now starts "${server.name}" for ${wanted.url}: restart it if it is running.`,
      `Sign in now with ${login}, or later from inside: the server's tool sign_in shows the code.`,
    ],
    { program, name: server.name, ...more },
  );
}

function nothing(out: Output, program: string, { name }: Server): void {
  out.result(`nothing was set up for ${program} under the name "${name}"`, { program, name, undone: false });
}

function undone({ out, program, agent, server }: Setup): void {
  out.result(`${agent.title} no longer starts "${server.name}"`, { program, name: server.name, undone: true });
}
