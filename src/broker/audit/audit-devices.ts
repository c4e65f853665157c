import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Signer } from "../../audit/chain.ts";
import { Device, type Heads } from "../../audit/device.ts";
import { type DeviceOptions, type DevicePlan, OptionProblem, planOf } from "../../audit/open.ts";
import { checkFile } from "../../audit/place.ts";
import { Salted } from "../../audit/salted.ts";
import type { IsNamed } from "../../audit/sink.ts";
import type { Row } from "../../store/port.ts";
import type { AuditDevices, AuditDeviceView, AuditLines, AuditQuery } from "../access.ts";
import { BrokerError, invalid } from "../errors.ts";
import { inBackground } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { oneAfterAnother } from "../process/one-after-another.ts";
import { searchLines } from "./search-lines.ts";
import { type Devices, findSigner, type Given, readDevices, type Stored, writeDevices } from "./stored-devices.ts";

/** What other instances have written is seen within this. Milliseconds. */
const LOOK_MS = 1_000;
const MOST_DEVICES = 8;
const SALT_BYTES = 32;

export interface KeptDevices extends AuditDevices {
  /** Opens what is enabled; what cannot be opened blocks, and is tried again. */
  load(): Promise<void>;
  close(): Promise<void>;
}

/** The devices as they are kept, for all instances of a store: each opens its own of every name. */
export function createAuditDevices(context: Context, places: AuditPlaces): KeptDevices {
  return new Keeper(context, places);
}

/** Where the broker keeps what is its own. */
export interface AuditPlaces {
  /** What was seen of a device's chain. */
  readonly heads: (device: string) => Heads;
  /** The data folder. */
  readonly data: string;
  /** By the operator's address policy: where sockets may be. */
  readonly isNamed: IsNamed;
}

class Keeper implements KeptDevices {
  readonly #context: Context;
  readonly #places: AuditPlaces;
  readonly #open = new Map<string, Stored>();
  /** So that no device is opened twice, each time with a chain of its own. */
  readonly #inTurn = oneAfterAnother();
  #seen: Row | undefined;
  #isLooking = false;
  #cancel = () => {};

  constructor(context: Context, places: AuditPlaces) {
    this.#context = context;
    this.#places = places;
  }

  async load(): Promise<void> {
    await this.#inTurn(() => this.#look());
    if (!this.#context.store.alone) this.#watch();
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.#context.audit.close();
  }

  async list(): Promise<readonly AuditDeviceView[]> {
    const { devices } = await readDevices(this.#context);
    const signer = Object.keys(devices).length > 0 ? await findSigner(this.#context) : undefined;
    return Object.entries(devices).map(([name, { type, description, local, options }]) => ({
      ...{ name, type, description, local, options },
      ...(signer && { signingKey: signer.key }),
    }));
  }

  enable(name: string, given: Given, { replaces } = { replaces: false }): Promise<void> {
    return this.#inTurn(() => this.#enable(name, given, replaces));
  }

  async #enable(name: string, given: Given, replaces: boolean): Promise<void> {
    const plan = planned(given);
    const { devices, row } = await readDevices(this.#context);
    const { [name]: before, ...others } = devices;
    if (before && !replaces) throw invalid(`path already in use at ${name}/`);
    if (before && isDeepStrictEqual({ ...given, salt: before.salt }, before)) return;
    this.#checkFile(plan, others);
    if (before) return this.#change(name, { ...given, salt: before.salt }, before);
    if (Object.keys(devices).length >= MOST_DEVICES) throw invalid(`at most ${MOST_DEVICES} devices can be enabled`);
    const stored: Stored = { ...given, salt: randomBytes(SALT_BYTES).toString("base64url") };
    const device = this.#device(name, stored, plan, await findSigner(this.#context));
    const problem = await new Promise<string | undefined>((done) => device.start(done));
    if (problem !== undefined) {
      await device.close();
      throw invalid(`the device cannot be enabled, since it takes no line: ${problem}`);
    }
    if (!(await writeDevices(this.#context, { ...devices, [name]: stored }, row))) {
      await device.close();
      throw changed();
    }
    this.#add(device, stored);
    this.#context.log.warn("audit_enabled", { device: name });
  }

  /**
   * From its first moment on nothing is answered until the new one has taken a line; where it takes none the old one goes on. Its salt
   * stays, so that values are found by the same hashes.
   */
  async #change(name: string, stored: Stored, before: Stored): Promise<void> {
    const { devices, row } = await readDevices(this.#context);
    const problem = await this.#exchange(name, stored);
    const isKept = problem === undefined && (await writeDevices(this.#context, { ...devices, [name]: stored }, row));
    if (!isKept) await this.#exchange(name, before);
    if (problem !== undefined) throw invalid(`the device cannot be changed, since it takes no line: ${problem}`);
    if (!isKept) throw changed();
    this.#context.log.warn("audit_changed", { device: name });
  }

  async #exchange(name: string, stored: Stored): Promise<string | undefined> {
    const old = this.#context.audit.get(name);
    const device = this.#device(name, stored, planOf(stored), await findSigner(this.#context));
    this.#add(device, stored);
    await old?.close();
    return new Promise((done) => device.start(done));
  }

  #checkFile({ path }: DevicePlan, devices: Devices): void {
    if (path === undefined) return;
    const others = Object.values(devices).flatMap((one) => planOf(one).path ?? []);
    told(() => checkFile(path, { data: this.#places.data, others }));
  }

  disable(name: string): Promise<void> {
    return this.#inTurn(() => this.#disable(name));
  }

  async #disable(name: string): Promise<void> {
    const { devices, row } = await readDevices(this.#context);
    const { [name]: found, ...others } = devices;
    if (!found) throw invalid(`no audit device has the name ${name}`);
    if (!(await writeDevices(this.#context, others, row))) throw changed();
    await this.#remove(name);
  }

  async hash(name: string, input: string): Promise<string> {
    const { [name]: found } = (await readDevices(this.#context)).devices;
    if (!found) throw invalid(`unknown audit backend: "${name}"`);
    return saltedOf(found, planned(found)).of(input);
  }

  async search(name: string, query: AuditQuery): Promise<AuditLines> {
    const { [name]: found } = (await readDevices(this.#context)).devices;
    if (!found) throw invalid(`unknown audit backend: "${name}"`);
    const { path, hmacAccessor } = planned(found);
    return searchLines(path, saltedOf(found, { hmacAccessor }), query);
  }

  #device(name: string, stored: Stored, plan: DevicePlan, signer: Signer): Device {
    const { clock, log, audit } = this.#context;
    const { prefix, elidesLists, open } = plan;
    return new Device({
      ...{ name, prefix, elidesLists, signer, clock, log },
      open: () => open(this.#places.isNamed),
      salted: saltedOf(stored, plan),
      heads: this.#places.heads(name),
      onChange: () => audit.changed(),
    });
  }

  #add(device: Device, stored: Stored): void {
    this.#open.set(device.name, stored);
    this.#context.audit.add(device);
  }

  async #remove(name: string): Promise<void> {
    this.#open.delete(name);
    await this.#context.audit.remove(name);
    this.#context.log.warn("audit_disabled", { device: name });
  }

  #watch(): void {
    this.#cancel = this.#context.clock.after(LOOK_MS, () => {
      if (!this.#isLooking) inBackground(this.#context, "audit devices", this.#lookAgain());
      this.#watch();
    });
  }

  async #lookAgain(): Promise<void> {
    this.#isLooking = true;
    try {
      await this.#inTurn(() => this.#look());
    } finally {
      this.#isLooking = false;
    }
  }

  /** Brings what is open in line with what is kept. */
  async #look(): Promise<void> {
    const { devices, row } = await readDevices(this.#context);
    if (row?.id === this.#seen?.id && row?.revision === this.#seen?.revision) return;
    for (const name of [...this.#open.keys()]) if (!devices[name]) await this.#remove(name);
    for (const [name, stored] of Object.entries(devices)) {
      if (!isDeepStrictEqual(this.#open.get(name), stored)) await this.#exchange(name, stored);
    }
    this.#seen = row;
  }
}

function saltedOf({ salt }: Stored, { hmacAccessor }: Pick<DevicePlan, "hmacAccessor">): Salted {
  return new Salted(Buffer.from(salt, "base64url"), { hmacAccessor });
}

/** Throws `BrokerError`. */
function planned(given: DeviceOptions): DevicePlan {
  return told(() => planOf(given));
}

function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof OptionProblem ? invalid(error.message) : error;
  }
}

function changed(): BrokerError {
  return new BrokerError("repeat", "the audit devices were changed in the same moment: try again");
}
