import { type Html, html } from "../../../html.ts";
import { inPath } from "../api.ts";
import type { Facts } from "../facts.ts";
import { choices, textArea, textField } from "../fields.ts";
import type { Screen } from "../frame.ts";
import type { Visit } from "../visit.ts";
import { areaLinks } from "./areas.ts";
import type { Outcome, Typed } from "./policy-write.ts";

const METHODS = ["GET", "LIST", "PUT", "POST", "DELETE"].map((one) => [one, one] as const);

/** Lines of the field. */
const ROWS = 16;

/** One policy, to be read, changed and tried: what it says of a request is asked of the API, as it is typed. */
export async function policyForm(visit: Visit, typed: Typed, outcome?: Outcome): Promise<Screen> {
  const { say, guard, query } = visit;
  const { name, isNew, policy, path = "", method = "GET" } = typed;
  const [title, api] = [isNew ? say("policies.new") : name, `sys/policies/acl/${isNew ? "new" : name}`];
  const may = await visit.may(api, "sys/policies/check");
  const mayWrite = may("update", api) && name !== "root";
  const mayCheck = may("update", "sys/policies/check");
  const problem = (field: Outcome["field"]) => (outcome?.field === field ? outcome?.problem : undefined);
  const address = isNew ? "/ui/access/policies" : `/ui/access/policies/${inPath(name)}`;
  const isBuiltIn = name === "root" || name === "default";
  return {
    title,
    ...(outcome && { status: outcome.status }),
    body: html`<h1>${title}</h1>
${await areaLinks(visit)}${query.did === "saved" && !outcome && html`<p class="note" role="status">${say("policy.saved")}</p>\n`}${outcome?.problem !== undefined && outcome.field === undefined && html`<p class="problem" role="alert">${outcome.problem}</p>\n`}<form class="fields" method="post" action="${address}"${mayCheck && html` data-check="verdict"`}>${guard}
${isNew && textField({ name: "name", label: say("form.name"), value: name, isRequired: true, problem: problem("name") })}
${textArea({ name: "policy", label: say("policy.text"), value: policy, rows: ROWS, isRequired: true, help: say("policy.text.help"), problem: problem("policy") })}
${mayWrite && html`<div class="buttons"><button name="do" value="save">${say("form.save")}</button></div>`}
${
  mayCheck &&
  html`<fieldset class="panel"><legend class="hidden">${say("policy.check.title")}</legend>
<h2>${say("policy.check.title")}</h2>
<p>${say("policy.check.lead")}</p>
<div class="check">${textField({ name: "path", label: say("policy.check.path"), value: path, help: say("policy.check.path.help"), problem: problem("path") })}
${choices({ name: "method", label: say("policy.check.method"), value: method, options: METHODS })}</div>
<div id="verdict" data-live role="status">${verdict(visit, outcome)}</div>
<div class="buttons"><button class="quiet" name="do" value="check">${say("policy.check.submit")}</button></div></fieldset>`
}
</form>
${!isNew && !isBuiltIn && may("delete", api) && html`<div class="buttons"><a class="button quiet" href="${address}?do=delete">${say("server.delete")}</a></div>`}`,
  };
}

function verdict(visit: Visit, outcome: Outcome | undefined): Html {
  const { say } = visit;
  const { verdict: data, problem } = outcome ?? {};
  if (!data) return html`${problem !== undefined && html`<p class="problem">${problem}</p>`}`;
  const allowed = data.isTrue("allowed");
  const templates = data.texts("templates");
  return html`<p class="lead"><span class="state ${allowed ? "good" : "bad"}">${say(allowed ? "policy.allowed" : "policy.refused")}</span></p>
<p>${why(say, data)}</p>
<p class="soft">${say("policy.capabilities", { path: data.text("path") ?? "", capabilities: data.texts("capabilities").join(", ") })}</p>
${limits(visit, data.of("limits")).map((limit) => html`<p class="soft">${limit}</p>`)}
${data.isTrue("needs_sudo") && html`<p class="soft">${say("policy.sudo")}</p>`}
${templates.length > 0 && html`<p class="soft">${say("policy.templates", { paths: templates.join(", ") })}</p>`}`;
}

/** What the rule wants beside the path and the method. */
function limits({ say, language }: Visit, data: Facts): readonly string[] {
  const seconds = (count: number) =>
    new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "long" }).format(count);
  const names = (limit: string) => data.texts(limit).join(", ");
  const [least, most] = [data.count("min_wrapping_ttl"), data.count("max_wrapping_ttl")];
  return [
    data.knows("required_parameters") ? say("policy.required", { names: names("required_parameters") }) : "",
    data.knows("allowed_parameters") ? say("policy.only", { names: names("allowed_parameters") }) : "",
    data.knows("denied_parameters") ? say("policy.denied", { names: names("denied_parameters") }) : "",
    least === undefined ? "" : say("policy.wrapped", { least: seconds(least) }),
    most === undefined ? "" : say("policy.wrapped.most", { most: seconds(most) }),
  ].filter((text) => text !== "");
}

function why(say: Visit["say"], data: Facts): string {
  const rule = data.text("rule");
  return rule === undefined ? say("policy.no-rule") : say("policy.rule", { rule });
}
