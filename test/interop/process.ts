import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../support/eventually.ts";
import { NotHere } from "./server.ts";

const run = promisify(execFile);

/** Milliseconds for an installation from a registry, and for the start of a server. */
const INSTALL_MS = 300_000;
const START_MS = 480_000;

/** A Python of its own with packages in it, exactly so (`name==1.2`). Answers its interpreter; rejects with `NotHere`. */
export async function pythonWith(folder: string, packages: readonly string[]): Promise<string> {
  await run("python3", ["--version"]).catch(() => {
    throw new NotHere("there is no python3 here");
  });
  const home = join(folder, "python");
  await run("python3", ["-m", "venv", home], { timeout: INSTALL_MS }).catch((error) => {
    throw new NotHere(`python3 could not make a virtual environment (Debian: python3-venv): ${lastLine(error)}`);
  });
  const python = [join(home, "bin/python"), join(home, "Scripts/python.exe")].find((path) => existsSync(path));
  if (python === undefined) throw new NotHere("the virtual environment has no interpreter");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages];
  await run(python, install, { timeout: INSTALL_MS }).catch((error) => {
    throw new NotHere(`pip could not install ${packages.join(", ")} (no network?): ${lastLine(error)}`);
  });
  return python;
}

/** Packages of npm in a folder of their own, exactly so (`name@1.2.3`); none of their scripts is run. */
export async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  const install = ["install", "--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", [...install, ...packages], { cwd: folder, timeout: INSTALL_MS }).catch((error) => {
    throw new NotHere(`npm could not install ${packages.join(", ")} (no network?): ${lastLine(error)}`);
  });
}

/** Starts a server and waits until `url` answers. */
export async function startProcess(
  command: string,
  args: readonly string[],
  { url, env = {}, cwd }: { url: string; env?: Record<string, string>; cwd: string },
): Promise<{ close(): Promise<void> }> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
      if (process.env.INTEROP_LOG !== undefined) process.stderr.write(text);
    });
  }
  const failed = once(child, "error").then(([error]) => {
    throw new NotHere(`${command} could not be started: ${error.message}`);
  });
  const up = eventually(
    `${url} to answer`,
    async () => {
      if (child.exitCode !== null) throw new Error(`the server ended at once: ${said}`);
      const answer = await fetch(url).catch(() => undefined);
      return answer?.ok;
    },
    START_MS,
  );
  try {
    await Promise.race([up, failed]);
  } catch (error) {
    await end(child);
    throw error;
  }
  return { close: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(late);
}

function lastLine(error: unknown): string {
  const { stderr = "", message = "" } = error as { stderr?: string; message?: string };
  return (stderr.trim() || message.trim()).split("\n").at(-1)?.slice(0, 200) ?? "";
}
