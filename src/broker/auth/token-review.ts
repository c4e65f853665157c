import type { Call } from "../../protocol/client.ts";
import { exchange, isEndpoint } from "../../protocol/endpoint.ts";
import { parseJsonObject } from "../../protocol/response/json.ts";
import { TransportError } from "../../protocol/response/transport-error.ts";
import { BrokerError } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { LoginRefused } from "./method.ts";
import { type Account, accountOf } from "./service-account.ts";

interface Question {
  /** URL of the API server. */
  readonly host: string;
  /** With which it is asked. */
  readonly reviewer: string;
  /** Empty: the API server's own. */
  readonly audience: string;
  readonly token: string;
}

const SECONDS = 8;

/**
 * Asks a cluster whose a token is (kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1). Throws
 * `LoginRefused`, and `BrokerError` where the cluster says nothing.
 */
export async function review(context: Context, question: Question): Promise<Account> {
  const answer = await within(context, SECONDS, (call) => exchange(ask(question, call)));
  const why =
    answer instanceof TransportError ? answer.code : answer.status < 300 ? undefined : `status ${answer.status}`;
  const status = answer instanceof TransportError ? undefined : parseJsonObject(answer.body)?.status;
  if (why !== undefined || !isObject(status)) {
    context.log.warn("token_review_failed", { host: new URL(question.host).host, cause: why ?? "no status" });
    throw new BrokerError("wait", "the cluster cannot be asked about this login at the moment: try again", {
      retryAfter: 5,
    });
  }
  if (status.authenticated !== true) throw new LoginRefused("the cluster does not know the token");
  const { audience } = question;
  if (audience !== "" && !(Array.isArray(status.audiences) && status.audiences.includes(audience))) {
    throw new LoginRefused("the token is not for its role's audience");
  }
  const user = isObject(status.user) ? status.user : {};
  const [system, kind, namespace, name, ...more] = String(user.username).split(":");
  if (system !== "system" || kind !== "serviceaccount" || more.length > 0) {
    throw new LoginRefused("the token is no service account's");
  }
  return accountOf({ namespace, name, uid: user.uid });
}

function ask({ host, reviewer, audience, token }: Question, call: Call): Promise<Response> {
  const url = `${host.replace(/\/+$/, "")}/apis/authentication.k8s.io/v1/tokenreviews`;
  if (!isEndpoint(url, call.allowHttp === true)) return Promise.reject(new TransportError("url_refused", false));
  const spec = { token, ...(audience !== "" && { audiences: [audience] }) };
  return call.fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${reviewer}`, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec }),
    redirect: "manual",
    signal: call.signal,
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
