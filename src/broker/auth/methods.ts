import { appRole } from "./approle.ts";
import { cert } from "./cert.ts";
import { jwtMethods } from "./jwt.ts";
import { kubernetes } from "./kubernetes.ts";
import type { Method } from "./method.ts";

/** Every method that can be enabled. */
export const METHODS: readonly Method[] = [appRole, ...jwtMethods, kubernetes, cert];

export function methodOf(type: string): Method | undefined {
  return METHODS.find((one) => one.type === type);
}
