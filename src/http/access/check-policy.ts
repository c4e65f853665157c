import { createAcl, type Operation } from "../../access/policy/acl.ts";
import { PolicyProblem, parsePolicy, type Rule } from "../../access/policy/policy.ts";
import { isTemplate } from "../../access/policy/template.ts";
import { PolicyCheckData, PolicyCheckParameters } from "../../api/index.ts";
import { describe } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import { badRequest } from "../answer/http-error.ts";
import type { VaultApp } from "../app-types.ts";
import { policyPath, wantsSudo } from "../gate/door.ts";
import { WRITE } from "../gate/methods.ts";

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GET: "read",
  LIST: "list",
  PUT: "update",
  POST: "update",
  DELETE: "delete",
};

/** `sys/policies/check`: what a policy would say of a request, by the matcher that judges them all; nothing is written. */
export function checkPolicy(app: VaultApp): void {
  const url = "/v1/sys/policies/check";
  app.route({
    method: WRITE,
    url,
    schema: describe({
      tag: "access",
      summary: "Say what a policy would allow; nothing is written",
      body: PolicyCheckParameters,
      data: PolicyCheckData,
    }),
    handler: async ({ body }, reply) => {
      const { policy, path: given, method } = body.value;
      const operation = Object.hasOwn(OPERATIONS, method.toUpperCase()) ? OPERATIONS[method.toUpperCase()] : undefined;
      if (!operation) throw badRequest(`method must be one of ${Object.keys(OPERATIONS).join(", ")}`);
      const rules = rulesIn(policy);
      const templates = rules.filter(isTemplate).map(({ path }) => path);
      // Of nobody in particular: what stands for their name matches nothing.
      const acl = createAcl([rules.filter((rule) => !isTemplate(rule))]);
      const path = policyPath(given.startsWith("/") ? given : `/${given}`, operation);
      const needsSudo = wantsSudo(path);
      const rule = acl.ruleFor(operation, path);
      const granted = rule?.capabilities ?? new Set();
      const allowed = granted.has(operation) && (!needsSudo || granted.has("sudo"));
      const limits = allowed && rule ? limitsOf(rule, operation) : {};
      return sendData(reply, {
        ...{ allowed, path, operation, capabilities: [...acl.capabilities(path)], needs_sudo: needsSudo, templates },
        ...(rule && { rule: rule.path }),
        ...(Object.keys(limits).length > 0 && { limits }),
      });
    },
  });
}

/** Only what there is. Parameters of a list or a deletion are not looked at. */
function limitsOf({ required, allowed, denied, wrapping }: Rule, operation: Operation) {
  const { least = 0, most = 0 } = wrapping ?? {};
  const isLookedAt = operation !== "list" && operation !== "delete";
  return {
    ...(isLookedAt && required.length > 0 && { required_parameters: required }),
    ...(isLookedAt && allowed.size > 0 && { allowed_parameters: [...allowed.keys()] }),
    ...(isLookedAt && denied.size > 0 && { denied_parameters: [...denied.keys()] }),
    ...(least > 0 && { min_wrapping_ttl: least }),
    ...(most > 0 && { max_wrapping_ttl: most }),
  };
}

function rulesIn(text: string) {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof PolicyProblem) throw badRequest(`failed to parse policy: ${error.message}`);
    throw error;
  }
}
