import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { AUTHORITY, writeTls } from "../../listen/secure.ts";
import { type Certificate, makeCertificate } from "../../servers/certificates.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

interface Told {
  readonly status: number;
  readonly errors: readonly string[];
  readonly auth: { readonly client_token: string; readonly metadata: Readonly<Record<string, string>> } | null;
  readonly data: Readonly<Record<string, unknown>> | null;
}

const clients = makeCertificate({ name: "clients", isAuthority: true });
const others = makeCertificate({ name: "others", isAuthority: true });

async function stage(t: TestContext, more: { readonly trustedProxies?: string } = {}) {
  const files = writeTls(t);
  const clientCa = join(files.folder, "clients.pem");
  writeFileSync(clientCa, clients.cert + others.cert);
  const { running, clock } = await startCoatcheck(t, { wayIn: { tls: { ...files, clientCa } }, ...more });
  const send = (by: Certificate, method: string, path: string, body?: unknown, token = "") =>
    new Promise<Told>((resolve, reject) => {
      const { cert, key } = by;
      const way = { ca: AUTHORITY.cert, agent: new Agent(), cert, key, method, headers: { "x-vault-token": token } };
      const outgoing = request(`${running.address}/v1/${path}`, way, async (incoming) => {
        const text = (await incoming.setEncoding("utf8").toArray()).join("");
        const { errors = [], auth = null, data = null } = text === "" ? {} : JSON.parse(text);
        resolve({ status: incoming.statusCode ?? 0, errors, auth, data });
      });
      outgoing.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  const operator = makeCertificate({ name: "operator", by: clients });
  const ask = (method: string, path: string, body?: unknown) => send(operator, method, path, body, ROOT_TOKEN);
  assert.equal((await ask("POST", "sys/auth/cert", { type: "cert" })).status, 204);
  const role = async (name: string, value: object) => {
    const { status, errors } = await ask("POST", `auth/cert/certs/${name}`, { token_policies: "ci", ...value });
    return status === 204 ? "" : errors.join();
  };
  const login = (by: Certificate, name = "") => send(by, "POST", "auth/cert/login", name === "" ? {} : { name });
  return { ask, role, login, send, clock };
}

test("8 a client certificate logs in, by its names, and its token says whose it is", async (t) => {
  const { ask, role, login, send } = await stage(t);
  const uri = "spiffe://example/ns/prod/sa/web";
  const web = makeCertificate({ name: "web", by: clients, hosts: ["web.internal"], uri });
  assert.equal((await login(web)).status, 400, "no role yet");
  assert.equal(await role("web", { allowed_common_names: "we*", allowed_dns_sans: "*.internal" }), "");
  assert.equal(await role("mesh", { allowed_uri_sans: "spiffe://example/ns/prod/*", display_name: "mesh" }), "");
  const { auth } = await login(web, "web");
  assert.deepEqual([auth?.metadata.cert_name, auth?.metadata.common_name], ["web", "web"]);
  const self = await send(web, "GET", "auth/token/lookup-self", undefined, auth?.client_token);
  assert.deepEqual([self.data?.display_name, self.data?.path], ["cert-web", "auth/cert/login"]);
  assert.equal((await login(web)).auth?.metadata.cert_name, "mesh", "the first that takes it");
  assert.equal((await login(makeCertificate({ name: "web", by: clients }), "web")).status, 400, "another DNS name");
  assert.equal((await login(makeCertificate({ name: "db", by: clients, hosts: ["db.internal"] }))).status, 400);
  assert.deepEqual((await ask("GET", "auth/cert/certs?list=true")).data, { keys: ["mesh", "web"] });
});

test("8 a role may want a certificate of one authority, or one certificate", async (t) => {
  const { role, login } = await stage(t);
  const [mine, theirs] = [clients, others].map((by) => makeCertificate({ name: "job", by }));
  assert.equal(await role("job", { certificate: clients.cert, allowed_common_names: "job" }), "");
  assert.ok(mine && theirs);
  assert.equal((await login(mine, "job")).status, 200);
  assert.equal((await login(theirs, "job")).status, 400);
  assert.equal(await role("job", { certificate: theirs.cert, allowed_common_names: "" }), "");
  assert.equal((await login(theirs, "job")).status, 200, "itself");
  assert.equal((await login(mine, "job")).status, 400);
  assert.match(await role("any", {}), /any client would do/);
  assert.match(await role("any", { certificate: "PEM" }), /give certificates in PEM/);
});

test("ST-91 the certificate of a proxy, and a name that holds a list of names, log nobody in", async (t) => {
  const { role, login } = await stage(t);
  const sly = makeCertificate({ name: "sly", by: clients, hosts: ['x", DNS:admin.internal, DNS:y'] });
  assert.equal(await role("admin", { allowed_dns_sans: "admin.internal" }), "");
  assert.equal((await login(sly, "admin")).status, 400);
  assert.equal(
    (await login(makeCertificate({ name: "a", by: clients, hosts: ["admin.internal"] }), "admin")).status,
    200,
  );
  const behind = await stage(t, { trustedProxies: "127.0.0.1" });
  assert.equal(await behind.role("proxy", { allowed_common_names: "proxy" }), "");
  assert.equal((await behind.login(makeCertificate({ name: "proxy", by: clients }), "proxy")).status, 400);
});
