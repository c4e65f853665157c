import { writeFileSync } from "node:fs";

/**
 * For a process that holds secrets for long: a crash or a signal writes nothing of its memory and its environment to a disk
 * (ST-9). Where the system has no such filter (core(5), Linux) its limit of core files is left to whoever starts the process.
 */
export function keepMemoryPrivate(): void {
  Object.assign(process.report, {
    excludeEnv: true,
    reportOnFatalError: false,
    reportOnSignal: false,
    reportOnUncaughtException: false,
  });
  if (process.platform !== "linux") return;
  try {
    writeFileSync("/proc/self/coredump_filter", "0");
  } catch {
    // A container may have no such file.
  }
}
