import { dirname, join } from "node:path";
import { compose } from "../../compose/compose.ts";
import type { Running } from "../../compose/serve.ts";
import { systemClock } from "../../process/clock.ts";
import type { Config } from "../../process/config.ts";
import { isThisMachine, type ListenPath } from "../../process/listening.ts";
import { createLog } from "../../process/log.ts";
import { makeFolder } from "../../process/make-folder.ts";
import { noteBroker } from "../connect/noted-broker.ts";
import { wayOf } from "../connect/request-way.ts";
import { watchSocket } from "../connect/unix-socket.ts";
import { environment } from "../frame/environment.ts";
import type { Output } from "../frame/output.ts";
import { endSoon, stopRequested } from "../frame/stop-signal.ts";
import { temporaryFolder } from "../kept/folders.ts";

interface KeptBroker {
  /** Seconds without a request after which it ends: a person's own, which their commands start. */
  readonly idle: number | undefined;
  /** `--allow-networks`, as typed. */
  readonly networks: string;
}

/** The broker on data that are kept, until it is stopped, or nobody has asked for `idle` seconds. */
export async function serveKept(out: Output, config: Config, kept: KeptBroker): Promise<void> {
  let reload = () => config.tls !== undefined;
  const requested = stopRequested(() => reload());
  const running = await compose(config, createLog(config.logLevel));
  reload = running.reload;
  const socket = config.listen.find((where) => "path" in where);
  const unwatch = socket ? keepSocket(out, running, socket, { ...kept, data: config.data }) : () => {};
  const { idle } = kept;
  const { address, copy, rootTokenAt } = running;
  out.note(startGuide(running, config));
  out.event({ event: "serving", address, data: config.data, copy, root_token_file: rootTokenAt });
  const ends = idle === undefined ? [requested] : [requested, quiet(running, idle * 1_000)];
  const broken = await Promise.race([...ends, running.broken]);
  if (broken) endSoon();
  unwatch();
  await running.close();
  if (broken) throw broken;
}

/**
 * Writes down where it listens, and listens anew when the socket has gone with its folder. A person's own broker is as
 * well at a temporary one, since their commands find it by what is written down.
 */
function keepSocket(
  out: Output,
  running: Running,
  where: ListenPath,
  kept: KeptBroker & Pick<Config, "data">,
): () => void {
  const { path } = where;
  const way = wayOf(environment());
  const note = (socket: string) =>
    noteBroker(kept.data, { socket, networks: kept.networks, process: process.pid, way });
  note(path);
  const again = async (socket: string) => {
    makeFolder(dirname(socket));
    await running.listenAlso({ ...where, path: socket });
    note(socket);
    out.warn(`the socket ${path} was removed: listening at ${socket}`);
    return socket;
  };
  return watchSocket(path, () =>
    again(path).catch((error: unknown) => {
      if (kept.idle === undefined) throw error;
      return again(join(temporaryFolder(true) ?? "", "broker.sock"));
    }),
  );
}

/** Resolves when it has been quiet for so long. Milliseconds. */
function quiet(running: Running, idle: number): Promise<void> {
  return new Promise((done) => {
    const look = () => {
      const left = idle - running.quietFor();
      if (left <= 0) done();
      else systemClock.after(left, look);
    };
    look();
  });
}

/** What a person is told after a start with kept data. */
function startGuide(
  { addresses, metricsAddresses, rootTokenAt, copy, moved }: Running,
  { publicUrl, listen, tls, data, loopback }: Config,
): readonly string[] {
  const lines = addresses.map((address) => `coatcheck is listening at ${address}`);
  for (const address of metricsAddresses) lines.push(`Health and metrics are at ${address}.`);
  if (moved) {
    lines.push(
      "THESE DATA HAVE BEEN MOVED to a database: this broker hands out tokens that are still valid, and nothing else. Start it with that",
      "database (--database). To go back instead, before anything was done there, start it with --take-over.",
    );
  } else if (copy) {
    lines.push(
      "THIS IS A RESTORED COPY: it hands out tokens that are still valid, but refreshes nothing. Its refresh tokens may have been",
      "used already, and using them again could end the logins of the original. When the original is gone for good, start with --take-over.",
    );
  }
  // Logins by link come back to a port of their own where the broker is a person's (--loopback).
  if (publicUrl === undefined && !loopback) {
    lines.push(
      listen.some((where) => "host" in where)
        ? "Without --public-url, only a browser on this machine can return from a login by link (callback)."
        : "Without --public-url, logins by link (callback) are not available: no browser could return to the broker.",
    );
  }
  if (!tls && !listen.every(isThisMachine)) {
    lines.push(
      "Connections to this address are not encrypted (plain http): give --tls-cert and --tls-key, or put a proxy that terminates TLS in front of it.",
    );
  }
  if (rootTokenAt !== undefined) lines.push(`The root token is in ${rootTokenAt} (only you can read it).`);
  lines.push(
    `Data and key are in ${data}. Keep a copy of the key: without it, nothing that is stored can be read again.`,
  );
  return lines;
}
