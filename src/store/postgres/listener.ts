import type pg from "pg";
import type { Clock } from "../../process/clock.ts";
import type { Signal } from "../port.ts";
import { clientOf, connectionOf, serversOf } from "./connection.ts";
import { ANNOUNCE, CHANNEL, HEAR } from "./sql.ts";
import type { DatabaseTarget } from "./url.ts";

/** Pauses between attempts to listen again. Milliseconds. */
const BACK_OFF = { first: 1_000, longest: 30_000 };

/** Of the 8,000 bytes that a notification may have. */
const LONGEST_WORD = 4_000;

/** A host that is gone is found out by the database as soon as that: until then it counts among those that hear. */
const LIMIT_SILENCE = "SET tcp_user_timeout = '10s'";

export interface ListenOptions {
  readonly target: DatabaseTarget;
  readonly clock: Clock;
  /** What this instance signs with; its own notifications are not heard. */
  readonly instance: string;
  readonly onSignal: (signal: Signal) => void;
  /** Another instance has let go of what is gone. */
  readonly onLetGo: (gone: string) => void;
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
  #hears = false;
  /** What this instance has let go of, and has not said yet. */
  #letGo: string[] = [];
  #isSaying = false;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#open();
  }

  get hears(): boolean {
    return this.#hears;
  }

  async stop(): Promise<void> {
    this.#hears = false;
    this.#stopped = true;
    this.#cancel();
    await this.#client?.end().catch(() => {});
  }

  #open(): void {
    const servers = serversOf(this.#options.target);
    // A standby refuses to listen: then the next one is asked.
    const server = servers[this.#attempts++ % servers.length] ?? this.#options.target;
    const client = new (clientOf(server))(connectionOf(server));
    this.#client = client;
    client.on("error", () => {});
    client.on("notification", ({ payload = "" }) => this.#heard(client, payload));
    client.once("end", () => this.#lost(client));
    this.#listen(client).catch(() => this.#lost(client));
  }

  #heard(client: pg.Client, payload: string): void {
    const [instance, gone = "", announced, ...letGo] = payload.split(" ");
    if (instance === this.#options.instance || this.#stopped) return;
    if (letGo.length > 0) {
      for (const one of letGo) this.#options.onLetGo(one);
      return;
    }
    const name = decodeURIComponent(gone);
    this.#options.onSignal({ ...(name && { gone: name }), ...(announced !== undefined && { announced }) });
    if (gone === "") return;
    this.#letGo.push(gone);
    if (!this.#isSaying) this.#say(client).catch(() => {});
  }

  /** That what is gone is handed out here no more; what is gone meanwhile, next. */
  async #say(client: pg.Client): Promise<void> {
    this.#isSaying = true;
    try {
      while (this.#letGo.length > 0) {
        let words = "";
        while (words.length + (this.#letGo[0]?.length ?? LONGEST_WORD) < LONGEST_WORD)
          words += ` ${this.#letGo.shift()}`;
        await client.query(ANNOUNCE.text, [`${this.#options.instance}  ${words}`]);
      }
    } finally {
      this.#isSaying = false;
    }
  }

  async #listen(client: pg.Client): Promise<void> {
    await client.connect();
    // What is not TCP, or knows no such limit, needs none.
    await client.query(LIMIT_SILENCE).catch(() => {});
    // Counted before it hears: nobody is answered without its word who could be.
    await client.query(HEAR);
    await client.query(`LISTEN ${CHANNEL}`);
    this.#pause = BACK_OFF.first;
    if (this.#stopped) return;
    this.#hears = true;
    this.#options.onSignal({ hears: true });
  }

  /** By its end or by an error, whichever comes first; the other finds that it has been replaced. */
  #lost(client: pg.Client): void {
    if (this.#stopped || this.#client !== client) return;
    this.#client = undefined;
    this.#letGo = [];
    if (this.#hears) this.#options.onSignal({ hears: false });
    this.#hears = false;
    client.end().catch(() => {});
    this.#cancel = this.#options.clock.after(this.#pause, () => this.#open());
    this.#pause = Math.min(this.#pause * 2, BACK_OFF.longest);
  }
}
