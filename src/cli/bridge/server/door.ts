import { serverNameOf } from "../../../mcp/server-name.ts";
import { loginsAt, namedBroker } from "../../connect/find-login.ts";
import { notedBroker } from "../../connect/noted-broker.ts";
import { ownData, ownSocket } from "../../connect/own-socket.ts";
import { environment } from "../../frame/environment.ts";
import { readSessions, type Sessions } from "../../kept/sessions-file.ts";
import { type BridgeFlags, textFlag } from "../bridge-flags.ts";
import type { Held } from "./bridge-types.ts";
import { isUrl, recordOf } from "./record-of.ts";
import { socketWay, type Way } from "./way.ts";

/** The way to the server as it is now. */
export interface Place {
  readonly way: Way;
  /** Absent: nobody has signed in, and the server is asked without a token. */
  readonly held?: Held;
}

/** What the person named. */
export interface Target {
  /** The name that its login is kept by; without one of its own it is what was typed, as for `coatcheck login`. */
  readonly name: string;
  /** Undefined where a login was named. */
  readonly url?: string;
}

export function targetOf(typed: string, flags: BridgeFlags): Target {
  const name = textFlag(flags, "--name") ?? typed;
  return isUrl(typed) ? { name, url: typed } : { name };
}

/** The login of that name, or, of the server's record, one that was made by another spelling of its URL. */
function loginOf(sessions: Sessions, { name, url }: Target): Held | undefined {
  const kept = Object.hasOwn(sessions, name) ? sessions[name] : undefined;
  if (kept || url !== name) return kept && { name, kept };
  const record = serverNameOf(url);
  const [key, other] =
    Object.entries(sessions).find(([one, { server }]) => one === server && recordOf(one) === record) ?? [];
  return key !== undefined && other ? { name: key, kept: other } : undefined;
}

/**
 * Finds the way to the server: by the broker of the login that is kept, which puts the token in (MCP-B4); without a login, or
 * with `--direct`, by itself. What was found holds until something is wrong with it.
 */
export class Door {
  readonly target: Target;
  readonly #flags: BridgeFlags;
  #place: Promise<Place> | undefined;
  #session = "";

  constructor(target: Target, flags: BridgeFlags) {
    this.target = target;
    this.#flags = flags;
  }

  place(): Promise<Place> {
    this.#place ??= this.#find();
    // What could not be found now may be there the next time.
    this.#place.catch(() => {
      this.#place = undefined;
    });
    return this.#place;
  }

  /** The login as it is kept now. */
  held(): Held | undefined {
    const { name, url } = this.target;
    const given = environment().COATCHECK_SESSION;
    const broker = namedBroker(textFlag(this.#flags, "--addr"));
    if (given) {
      const server = url ?? name;
      return { name, kept: { broker: broker?.address ?? "own", server, session: given, id: "", scopes: [] } };
    }
    return loginOf(loginsAt(readSessions(), broker), this.target);
  }

  /** Looks again: answers whether another login is kept than the one that was used last. */
  lookAgain(): boolean {
    const session = this.held()?.kept.session ?? "";
    if (session === this.#session) return false;
    this.forget();
    return true;
  }

  forget(): void {
    const place = this.#place;
    this.#place = undefined;
    // Requests that are under way keep their connections.
    void place?.catch(() => {});
  }

  /** The broker was not reached: the person's own one is started. */
  async wakeBroker(): Promise<void> {
    const held = this.held();
    this.forget();
    if (held?.kept.broker !== "own") return;
    const { ensureOwnBroker } = await import("../../connect/own-broker.ts");
    await ensureOwnBroker();
  }

  async #find(): Promise<Place> {
    const held = this.held();
    this.#session = held?.kept.session ?? "";
    if (this.#flags["--direct"] || !held) return this.#direct(held);
    const { broker, server, session } = held.kept;
    const headers = { authorization: `Bearer ${session}`, "coatcheck-sign-in": "out-of-band" };
    const path = `/mcp/${encodeURIComponent(recordOf(server))}`;
    const socket = broker === "own" ? (notedBroker(ownData())?.socket ?? ownSocket()) : /^unix:(.*)/s.exec(broker)?.[1];
    if (socket !== undefined) return { way: socketWay(socket, path, headers), held };
    const { networkWay } = await import("./network-way.ts");
    const base = broker.endsWith("/") ? broker : `${broker}/`;
    return { way: await networkWay(new URL(path.slice(1), base), headers, true), held };
  }

  async #direct(held: Held | undefined): Promise<Place> {
    const { url } = this.target;
    if (url === undefined) throw new Error(`there is no login "${this.target.name}"`);
    const { networkWay } = await import("./network-way.ts");
    const way = await networkWay(new URL(url), {}, false);
    if (!held) return { way };
    const { withToken } = await import("./direct-token.ts");
    return { way: await withToken(way, held, url), held };
  }
}
