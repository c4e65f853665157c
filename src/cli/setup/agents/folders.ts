import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Environment, environment } from "../../frame/environment.ts";
import { usage } from "../../frame/fail.ts";
import { AGENTS, type Agent, type ByPlatform } from "./agents.ts";

/** Folders that stand at the beginning of paths: the variable that may name each, and where it is otherwise. */
const FOLDERS: Readonly<Record<string, readonly [variable: string, otherwise: string]>> = {
  $CONFIG: ["XDG_CONFIG_HOME", ".config"],
  $APPDATA: ["APPDATA", "AppData/Roaming"],
  $CODEX_HOME: ["CODEX_HOME", ".codex"],
};

/**
 * The file in which an agent is told, a project's or the person's own; `undefined` where there is none to write. Throws usage for
 * a project of an agent that reads none.
 */
export function fileOf(
  agent: Agent,
  project: boolean,
  platform: string = process.platform,
  env: Environment = environment(),
): string | undefined {
  if (project) {
    if (agent.project === undefined) throw usage(`${agent.title} reads no file of a project: ${WITH_PROJECTS}`);
    return resolve(agent.project);
  }
  const { file } = agent;
  if (file === undefined) return undefined;
  const paths = isByPlatform(file) ? file[platform === "darwin" || platform === "win32" ? platform : "linux"] : file;
  const all = [paths].flat().map((path) => absolute(path, env));
  return all.find((path) => existsSync(path)) ?? all[0];
}

function isByPlatform(file: NonNullable<Agent["file"]>): file is ByPlatform {
  return typeof file === "object" && "linux" in file;
}

const WITH_PROJECTS = `leave out --project, or give ${Object.entries(AGENTS)
  .filter(([, { project }]) => project !== undefined)
  .map(([name]) => name)
  .join(", ")}`;

function absolute(path: string, env: Environment): string {
  const [first = "", ...rest] = path.split("/");
  const [variable = "", otherwise = ""] = FOLDERS[first] ?? [];
  return join(env[variable] || join(homedir(), otherwise), ...rest);
}
