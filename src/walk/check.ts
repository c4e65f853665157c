import { checkMetadata } from "../protocol/ladder/check-metadata.ts";
import type { StepResult, WalkState } from "./state.ts";
import { bad, failed, good, missingStep, succeeded, warning } from "./step-result.ts";
import type { World } from "./world.ts";

/** Step 2: the metadata against matrix.md section 4; asks nobody. */
export async function check(state: WalkState, _input: object, world: Pick<World, "allowHttp">): Promise<StepResult> {
  if (!state.found) return missingStep(state, "discovery");
  const { document, metadata } = state.found;
  const { violations, warnings } = checkMetadata(document, world.allowHttp === true);
  const device = metadata.device_authorization_endpoint;
  const findings = [
    ...violations.map(bad),
    ...warnings.map(warning),
    device === undefined
      ? warning("The server does not offer the device grant: use the code flow.")
      : good(`The server offers the device grant: ${device}`),
    ...["authorization_endpoint", "token_endpoint", "revocation_endpoint", "registration_endpoint"].flatMap((name) =>
      typeof document[name] === "string" ? [good(`${name}: ${document[name]}`)] : [],
    ),
  ];
  return violations.length > 0 ? failed(state, [], findings) : succeeded(state, [], findings);
}
