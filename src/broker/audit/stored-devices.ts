import { generateKeyPairSync } from "node:crypto";
import { type Signer, signerOf } from "../../audit/chain.ts";
import type { DeviceOptions } from "../../audit/open.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "../record/records.ts";

const PLACE = { mount: "sys/audit", kind: "config" } as const;
const DEVICES = { ...PLACE, name: "devices" } as const;
const SIGNING_KEY = { ...PLACE, name: "signing-key" } as const;

/** A device as it is given. */
export interface Given extends DeviceOptions {
  readonly description: string;
  readonly local: boolean;
}

export interface Stored extends Given {
  /** base64url. */
  readonly salt: string;
}

export type Devices = Readonly<Record<string, Stored>>;

export async function readDevices(
  context: Context,
): Promise<{ readonly devices: Devices; readonly row: Row | undefined }> {
  const row = await context.store.read(DEVICES);
  return { devices: ownOf(row ? openContent<Devices>(context, row) : {}), row };
}

/** Whoever names devices may call one `constructor` (ST-173): what is found by a name is nothing but a device. */
function ownOf(devices: Devices): Devices {
  const own: Record<string, Stored> = Object.create(null);
  return Object.assign(own, devices);
}

/** False where they were changed since they were read. */
export function writeDevices(context: Context, devices: Devices, row: Row | undefined): Promise<boolean> {
  const next = plainRow(context, { ...DEVICES, id: row?.id ?? newId() }, devices);
  return context.store.write(next, row ? { id: row.id, revision: row.revision } : { absent: true });
}

/** One for all devices and instances; made when the first is enabled. */
export async function findSigner(context: Context): Promise<Signer> {
  const { store } = context;
  for (;;) {
    const row = await store.read(SIGNING_KEY);
    if (row) return signerOf(openContent<{ readonly pkcs8: string }>(context, row).pkcs8);
    const pkcs8 = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" });
    const content = { pkcs8: pkcs8.toString("base64url") };
    await store.write(plainRow(context, { ...SIGNING_KEY, id: newId() }, content), { absent: true });
  }
}
