import { isDeepStrictEqual } from "node:util";
import type { Operator } from "../../client/index.ts";
import type { DeclaredDevice } from "../../config-file/audit.ts";
import type { Output } from "../frame/output.ts";

/** What an audit device is against what is declared. */
interface Difference {
  readonly device: string;
  readonly action: "create" | "change" | "same" | "undeclared";
}

/** What `sys/audit` tells of a device, as far as it is declared. */
interface Kept {
  readonly type?: unknown;
  readonly description?: unknown;
  readonly options?: Readonly<Record<string, unknown>>;
}

export async function deviceDifferences(
  broker: Operator,
  declared: readonly DeclaredDevice[],
): Promise<readonly Difference[]> {
  const kept = await keptDevices(broker);
  const planned = declared.map(({ name, ...device }): Difference => {
    const before = kept.get(name);
    const action = !before ? "create" : isDeepStrictEqual(before, device) ? "same" : "change";
    return { device: name, action };
  });
  const others = [...kept.keys()].filter((name) => !declared.some((one) => one.name === name));
  return [...planned, ...others.map((device) => ({ device, action: "undeclared" }) as const)];
}

async function keptDevices(broker: Operator): Promise<ReadonlyMap<string, Kept>> {
  const { data } = (await broker.read("sys/audit")) ?? {};
  return new Map(
    Object.entries(data ?? {}).map(([path, device]) => {
      const { type, description, options = {} }: Kept = device ?? {};
      return [path.replace(/\/$/, ""), { type, description, options }] as const;
    }),
  );
}

/** Enables what differs; what is kept and not declared goes on. */
export async function applyDevices(
  broker: Operator,
  declared: readonly DeclaredDevice[],
): Promise<readonly Difference[]> {
  const differences = await deviceDifferences(broker, declared);
  for (const { device, action } of differences) {
    const { name, ...body } = declared.find((one) => one.name === device) ?? {};
    if (name !== undefined && action !== "same")
      await broker.write(`sys/audit/${name}`, { ...body, replace: action === "change" });
  }
  return differences;
}

const SIGNS = { create: "+ create", change: "~ change", same: "= same", undeclared: "? not in the file" } as const;

export function tellDevices(out: Output, differences: readonly Difference[]): void {
  if (differences.length === 0) out.note("There are no audit devices, and the file declares none.");
  for (const { device, action } of differences) {
    const why = action === "undeclared" ? `  goes on; ended by coatcheck audit disable ${device}` : "";
    out.result(`${SIGNS[action].padEnd(18)} audit ${device}${why}`, { device, action });
  }
}
