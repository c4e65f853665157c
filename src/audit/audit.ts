import type { Device } from "./device.ts";
import { lineOf } from "./lines.ts";
import type { Done } from "./outbox.ts";
import type { Salted } from "./salted.ts";

/** What lines are made with, for each device that takes them. */
export interface Rendering {
  readonly salted: Salted;
  /** Lists are told by how many names they have. */
  readonly elidesLists: boolean;
}

/** Lines for a device (`Chain.link`). */
export type Render = (device: Rendering) => readonly string[];

/** What happened without a request. */
export interface BackgroundWork {
  /** `poll`, `refresh`, `revoke` … */
  readonly operation: string;
  readonly mount: string;
  /** Of the credential. */
  readonly name: string;
  readonly server: string;
  readonly result: string;
  readonly reason?: string | undefined;
}

/** The devices that are enabled, as whoever writes lines sees them. */
export class Audit {
  readonly #devices = new Map<string, Device>();
  readonly #onHealed = new Set<() => void>();
  /** Whether there is a device. */
  isOn = false;

  /** Why no answer may leave, while that is so. */
  get problem(): string | undefined {
    if (!this.isOn) return undefined;
    const problems: string[] = [];
    for (const { name, problem } of this.#devices.values()) {
      if (problem === undefined) return undefined;
      problems.push(`${name}: ${problem}`);
    }
    return problems.join("; ");
  }

  /** Calls back once: when one of the devices has taken the lines, or none will. */
  record(render: Render, done: Done): void {
    let left = this.#devices.size;
    if (left === 0) done(undefined);
    let isOver = false;
    for (const device of this.#devices.values()) {
      device.append(render(device), (problem) => {
        left -= 1;
        if (isOver || (problem !== undefined && left > 0)) return;
        isOver = true;
        done(problem);
      });
    }
  }

  /** Nobody waits for it: what was obtained is kept in any case, and handed out by requests alone. */
  background(work: BackgroundWork, time: number): void {
    if (!this.isOn) return;
    this.record(
      () => [lineOf("background", time, { request: requestOf(work), response: responseOf(work) })],
      () => {},
    );
  }

  get(name: string): Device | undefined {
    return this.#devices.get(name);
  }

  add(device: Device): void {
    this.#devices.set(device.name, device);
    this.isOn = true;
  }

  async remove(name: string): Promise<void> {
    const device = this.#devices.get(name);
    this.#devices.delete(name);
    this.isOn = this.#devices.size > 0;
    await device?.close();
    this.changed();
  }

  names(): readonly string[] {
    return [...this.#devices.keys()];
  }

  reopen(): void {
    for (const device of this.#devices.values()) device.reopen();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#devices.values()].map((device) => device.close()));
  }

  /** What waits for a device goes on. */
  onHealed(wake: () => void): void {
    this.#onHealed.add(wake);
  }

  /** A device has something to say. */
  changed(): void {
    if (this.problem === undefined) for (const wake of this.#onHealed) wake();
  }
}

function requestOf({ operation, mount, name }: BackgroundWork): object {
  return { operation, mount_point: `${mount}/`, mount_type: "oauthapp", path: `${mount}/creds/${name}` };
}

function responseOf({ server, result, reason }: BackgroundWork): object {
  return { server, result, reason };
}
