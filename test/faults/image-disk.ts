import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** The journal's reserve (4 MiB), the database and the file system's own needs fit. */
const SIZE = 48 * 1_048_576;

const PROGRAMS = ["mkfs.ext4", "losetup", "mount", "umount", "sync"] as const;

/** A copy during which the kernel wrote to the disk is none; there is always a moment between two writes. */
const MOST_COPIES = 100;

/** Why there can be no such disk here, if so. */
export function withoutImages(): string | undefined {
  const hasPrograms = PROGRAMS.every((program) => spawnSync(program, ["--version"]).error === undefined);
  if (process.getuid?.() === 0 && hasPrograms && existsSync("/dev/loop-control")) return undefined;
  return `needs root, loop devices, and ${PROGRAMS.join(", ")}`;
}

/** A file system (ext4) in a file. What is in the file is what a power cut would leave: all that was synced, and no more. */
export class ImageDisk {
  readonly folder: string;
  readonly #image: string;
  #device = "";

  constructor(t: TestContext) {
    // Before its folder is removed.
    t.after(() => this.#unmount());
    const place = temporaryFolder(t);
    this.folder = join(place, "disk");
    this.#image = join(place, "image");
    mkdirSync(this.folder);
    writeFileSync(this.#image, Buffer.alloc(SIZE));
    run("mkfs.ext4", "-q", "-F", this.#image);
    this.#mount();
  }

  #mount(): void {
    this.#device = run("losetup", "--find", "--show", this.#image).trim();
    run("mount", this.#device, this.folder);
  }

  #unmount(): void {
    run("umount", "-l", this.folder);
    run("losetup", "-d", this.#device);
  }

  sync(): void {
    run("sync", "-f", this.folder);
  }

  /** Takes down what the disk holds at this moment. */
  copy(): void {
    for (let left = MOST_COPIES; left > 0; left--) {
      const before = this.#writes();
      copyFileSync(this.#image, `${this.#image}.cut`);
      if (this.#writes() === before) return;
    }
    throw new Error("the disk is never at rest");
  }

  /** Goes on with the copy, as after a power cut; nobody may use the disk meanwhile. */
  cut(): void {
    this.#unmount();
    renameSync(`${this.#image}.cut`, this.#image);
    this.#mount();
  }

  /** Writes that are done and such as are under way, by the kernel's count (its Documentation/block/stat.rst). */
  #writes(): string {
    const fields = readFileSync(`/sys/block/${basename(this.#device)}/stat`, "utf8")
      .trim()
      .split(/\s+/);
    return `${fields[4]} ${fields[8]}`;
  }
}

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}
