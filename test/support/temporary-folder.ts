import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export function temporaryFolder(t: TestContext): string {
  return folderBelow(t, tmpdir());
}

/** For a store's files: each commit waits for the disk, which costs a tenth of all processor time on a real one. */
export function dataFolder(t: TestContext): string {
  return folderBelow(t, FAST);
}

const MEMORY = "/dev/shm";

/** Bytes: in a container it may be as small as 64 MiB. */
const ROOM = 2 ** 30;

/** In memory where there is room. */
export const FAST = existsSync(MEMORY) && room(MEMORY) >= ROOM ? MEMORY : tmpdir();

function room(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function folderBelow(t: TestContext, parent: string): string {
  const folder = mkdtempSync(join(parent, "coatcheck-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** A folder on a disk of so many bytes; undefined where this user may not make one (only root can). */
export function smallDisk(t: TestContext, bytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "coatcheck-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]).status === 0;
  t.after(() => {
    if (mounted) spawnSync("umount", ["-l", folder]);
    rmdirSync(folder);
  });
  return mounted ? folder : undefined;
}
