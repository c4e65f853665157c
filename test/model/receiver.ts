import type { Context } from "../../src/broker/process/context.ts";
import type { News } from "../../src/broker/record/news.ts";
import { openContent } from "../../src/broker/record/records.ts";
import type { Delivery } from "../../src/broker/webhook/backlog.ts";
import type { Webhook } from "../../src/process/webhooks.ts";
import type { Store } from "../../src/store/port.ts";
import type { Random } from "../faults/random.ts";
import type { Exchange } from "./fetch-port.ts";

export const RECEIVER: Webhook = { name: "ops", url: "https://ops.example/hook", keys: [new Uint8Array(24)] };

/** An operator's endpoint, which is to hear once of every login that dies, whatever happens to the broker. */
export class Receiver {
  /** Deaths, by the name of the credential. */
  readonly #deaths = new Map<string, number>();
  /** Ids of what was told, or waits to be, by the same. */
  readonly #news = new Map<string, Set<string>>();

  died(name: string): void {
    this.#deaths.set(name, (this.#deaths.get(name) ?? 0) + 1);
  }

  /** Reads a request, and answers it as endpoints do: mostly well. */
  receive(exchange: Exchange, body: string, id: string, random: Random): void {
    const { type, data } = JSON.parse(body);
    if (type === "login.needs_person") this.#note(data.credential, id);
    if (random.next() < 0.2) exchange.break();
    else exchange.answer(random.next() < 0.7 ? 200 : 500, "");
  }

  #note(name: string, id: string): void {
    this.#news.set(name, (this.#news.get(name) ?? new Set()).add(id));
  }

  /** What is wrong in the end; answers nothing when each death was told by an id of its own, or waits in the store. */
  async missed(store: Store, context: Context): Promise<string | undefined> {
    for (const row of await store.scan("", 100_000)) {
      if (row.kind !== "news" && row.kind !== "delivery") continue;
      const content = openContent<News | Delivery>(context, row);
      const news = "news" in content ? content.news : content;
      if (news.type !== "login.needs_person") continue;
      this.#note(news.about.credential, `msg_${"news" in content ? content.id : row.id}`);
    }
    for (const name of new Set([...this.#deaths.keys(), ...this.#news.keys()])) {
      const [deaths, news] = [this.#deaths.get(name) ?? 0, this.#news.get(name)?.size ?? 0];
      if (deaths !== news) return `${name} died ${deaths} times, and ${news} of them are told`;
    }
    return undefined;
  }
}
