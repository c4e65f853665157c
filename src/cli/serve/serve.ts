import { systemClock } from "../../process/clock.ts";
import { loadConfig, type ServeFlags } from "../../process/config.ts";
import { giveMemoryBackAfterBursts } from "../../process/memory.ts";
import { keepMemoryPrivate } from "../../process/private-memory.ts";
import type { Output } from "../frame/output.ts";
import { outliveReaders } from "../frame/quiet-pipe.ts";
import { serveDev } from "./serve-dev.ts";
import { serveKept } from "./serve-kept.ts";

/** The broker in this process, until it is stopped. */
export async function serve(out: Output, flags: ServeFlags): Promise<void> {
  // Whatever is made from here on is its owner's alone, a database's side files too.
  process.umask(0o077);
  outliveReaders();
  keepMemoryPrivate();
  giveMemoryBackAfterBursts(systemClock);
  const config = loadConfig(flags);
  if (config.dev) return serveDev(out, config);
  await serveKept(out, config, { idle: config.idle, networks: flags.allowNetworks ?? "" });
}
