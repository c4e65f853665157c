import type { FastifyInstance } from "fastify";
import { type Loopback, type LoopbackDoor, PortTaken } from "../broker/process/loopback.ts";
import { type LoopbackPort, openLoopbackPort } from "../listen/loopback-port.ts";
import { CannotListen } from "../listen/start-server.ts";
import type { Clock } from "../process/clock.ts";
import { atPort, loopbackPlace } from "../protocol/loopback-redirect.ts";

/** A browser that has just been answered asks again: for the page, or because somebody reloads it. Milliseconds. */
const LINGER_MS = 30_000;

interface OpenPort {
  readonly port: Promise<LoopbackPort>;
  /** The paths of the logins that wait, one each. */
  readonly paths: string[];
  /** Browsers that are being answered. */
  busy: number;
  answeredAt: number;
}

/**
 * The ports of this machine at which a person's own broker listens while logins wait. Several may wait at one: their answers
 * are told apart by `state`.
 */
export class LoopbackPorts implements Loopback {
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  readonly #ports = new Map<number, OpenPort>();
  #app: FastifyInstance | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Who answers; before any port is opened. */
  async serve(app: FastifyInstance): Promise<void> {
    await app.ready();
    this.#app = app;
    // Its limits of time are looked at from here on (node:http); it listens nowhere itself.
    app.server.emit("listening");
  }

  async open(redirectUri: string): Promise<LoopbackDoor> {
    const { signal: stopping } = this.#stopping;
    const place = loopbackPlace(redirectUri);
    // Nobody can listen there: its person brings the address.
    if (!place) return { redirectUri, stopping, close: () => {} };
    const open = this.#portAt(place.port);
    const { port } = await open.port.catch((error: unknown) => {
      this.#ports.delete(place.port);
      throw error instanceof CannotListen ? new PortTaken(takenText(place.port)) : error;
    });
    this.#ports.set(port, open);
    open.paths.push(place.path);
    return { redirectUri: atPort(redirectUri, port), stopping, close: () => this.#closeSoon(open, place.path) };
  }

  /** Whether a login waits for a browser there. */
  isExpected(port: number | undefined, path: string): boolean {
    return this.#ports.get(port ?? 0)?.paths.includes(path) ?? false;
  }

  /** A browser is being answered there, until what is returned is called. */
  answering(port: number | undefined): () => void {
    const open = this.#ports.get(port ?? 0);
    if (!open) return () => {};
    open.busy += 1;
    return () => {
      open.busy -= 1;
      open.answeredAt = this.#clock.monotonic();
    };
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    for (const { port } of this.#ports.values()) (await port).close();
    await this.#app?.close();
    // It has looked at the limits of time of its connections, and listened nowhere itself.
    this.#app?.server.close(() => {});
  }

  /** Whoever asks for the same port at the same time joins; of those that are free each has its own. */
  #portAt(wanted: number): OpenPort {
    const known = this.#ports.get(wanted);
    if (known) return known;
    if (!this.#app) throw new Error("nobody answers yet");
    const port = openLoopbackPort(this.#app.server, wanted);
    const open: OpenPort = { port, paths: [], busy: 0, answeredAt: Number.NEGATIVE_INFINITY };
    if (wanted !== 0) this.#ports.set(wanted, open);
    return open;
  }

  #closeSoon(open: OpenPort, path: string): void {
    const now = this.#clock.monotonic();
    const linger = (open.busy > 0 ? now : open.answeredAt) + LINGER_MS - now;
    const { signal } = this.#stopping;
    if (linger <= 0 || signal.aborted) return void this.#leave(open, path);
    signal.addEventListener(
      "abort",
      this.#clock.after(linger, () => void this.#leave(open, path)),
      { once: true },
    );
  }

  async #leave(open: OpenPort, path: string): Promise<void> {
    open.paths.splice(open.paths.indexOf(path), 1);
    const { port, close } = await open.port;
    if (open.paths.length > 0 || this.#ports.get(port) !== open) return;
    this.#ports.delete(port);
    close();
  }
}

function takenText(port: number): string {
  return `port ${port} of this machine, where the browser is to come back to, is used by another program: end that, or register another redirect URI at the provider and give it with coatcheck server add --redirect-uri`;
}
