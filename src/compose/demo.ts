import type { Broker } from "../broker/broker.ts";
import { FIRST_MOUNT } from "../mount-names.ts";
import { inputsOf } from "./declared.ts";

export type { Demo, DemoStep } from "../http/app-types.ts";

/** Tells a broker for development of its demo server (the parameters of a server's write), so that a login needs nothing before it. */
export async function introduce(
  broker: Broker,
  name: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const [, input] of inputsOf([{ name, parameters, secrets: {} }])) {
    await broker.writeServer(FIRST_MOUNT, name, input);
  }
}
