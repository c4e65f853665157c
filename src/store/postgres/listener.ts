import type pg from "pg";
import type { Clock } from "../../process/clock.ts";
import type { Signal } from "../port.ts";
import { clientOf, connectionOf, serversOf } from "./connection.ts";
import { CHANNEL } from "./sql.ts";
import type { DatabaseTarget } from "./url.ts";

/** Pauses between attempts to listen again. Milliseconds. */
const BACK_OFF = { first: 1_000, longest: 30_000 };

export interface ListenOptions {
  readonly target: DatabaseTarget;
  readonly clock: Clock;
  /** What this instance signs with; its own notifications are not heard. */
  readonly instance: string;
  readonly onSignal: (signal: Signal) => void;
}

/**
 * Hears what other instances say, on a connection of its own that is made again whenever it is lost. After that it calls
 * back as well, since something may have been said meanwhile.
 */
export class Listener {
  readonly #options: ListenOptions;
  #client: pg.Client | undefined;
  #stopped = false;
  #pause = BACK_OFF.first;
  #attempts = 0;
  #cancel = () => {};

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#open(false);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#client?.end().catch(() => {});
  }

  #open(again: boolean): void {
    const servers = serversOf(this.#options.target);
    // A standby refuses to listen: then the next one is asked.
    const server = servers[this.#attempts++ % servers.length] ?? this.#options.target;
    const client = new (clientOf(server))(connectionOf(server));
    this.#client = client;
    client.on("error", () => {});
    client.on("notification", ({ payload = "" }) => {
      const [instance, gone, announced] = payload.split(" ");
      if (instance === this.#options.instance || this.#stopped) return;
      this.#options.onSignal({ ...(gone && { gone }), ...(announced !== undefined && { announced }) });
    });
    client.once("end", () => this.#lost(client));
    this.#listen(client, again).catch(() => this.#lost(client));
  }

  async #listen(client: pg.Client, again: boolean): Promise<void> {
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    this.#pause = BACK_OFF.first;
    if (again && !this.#stopped) this.#options.onSignal({});
  }

  /** By its end or by an error, whichever comes first; the other finds that it has been replaced. */
  #lost(client: pg.Client): void {
    if (this.#stopped || this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => {});
    this.#cancel = this.#options.clock.after(this.#pause, () => this.#open(true));
    this.#pause = Math.min(this.#pause * 2, BACK_OFF.longest);
  }
}
