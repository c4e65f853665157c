import { message } from "../messages/walk/index.ts";
import { checkMetadata } from "../protocol/ladder/check-metadata.ts";
import type { StepResult, WalkState } from "./state.ts";
import { bad, failed, good, missingStep, plain, succeeded, warning } from "./step-result.ts";
import { told } from "./told.ts";
import type { World } from "./world.ts";

/** Step 2: the metadata against matrix.md section 4; asks nobody. */
export async function check(state: WalkState, _input: object, world: Pick<World, "allowHttp">): Promise<StepResult> {
  if (!state.found) return missingStep(state, message("missing.discovery"));
  const { document, metadata } = state.found;
  const { violations, warnings } = checkMetadata(document, world.allowHttp === true);
  const device = metadata.device_authorization_endpoint;
  const findings = [
    ...violations.map((text) => bad(told(text))),
    ...warnings.map((text) => warning(told(text))),
    device === undefined ? warning(message("check.no_device")) : good(message("check.device", { url: device })),
    ...["authorization_endpoint", "token_endpoint", "revocation_endpoint", "registration_endpoint"].flatMap((name) =>
      typeof document[name] === "string" ? [good(plain(`${name}: ${document[name]}`))] : [],
    ),
  ];
  return violations.length > 0 ? failed(state, [], findings) : succeeded(state, [], findings);
}
