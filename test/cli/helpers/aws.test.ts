import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { decodeJwt } from "jose";
import { said } from "../../support/process.ts";
import { startHelpers } from "./helper.ts";

/** As servers answer that know only the query protocol's own form. */
const xmlKeys = (expiration: number) => `<?xml version="1.0" encoding="UTF-8"?>
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <AssumedRoleUser><Arn>arn:xml</Arn><AssumeRoleId>AKIA-no</AssumeRoleId></AssumedRoleUser>
    <Credentials>
      <SessionToken>t/+=</SessionToken>
      <SecretAccessKey>s</SecretAccessKey>
      <Expiration>${new Date(expiration * 1_000).toISOString()}</Expiration>
      <AccessKeyId>AKIAXML</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;

/** An STS that gives keys for so many seconds, each with a number of its own. */
async function startSts(t: TestContext, life: number) {
  const forms: URLSearchParams[] = [];
  const sts = createServer(async (request, response): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    forms.push(form);
    if (form.get("RoleArn") === "arn:denied") {
      response.writeHead(403);
      response.end(`{"Error":{"Code":"AccessDenied","Message":"${form.get("WebIdentityToken")}"}}`);
      return;
    }
    if (form.get("RoleArn") === "arn:odd") return void response.end('AKIA-secret"');
    const Expiration = Math.floor(Date.now() / 1_000) + life;
    if (form.get("RoleArn") === "arn:xml") return void response.end(xmlKeys(Expiration));
    const Credentials = { AccessKeyId: `AKIA${forms.length}`, SecretAccessKey: "s", SessionToken: "t", Expiration };
    response.end(
      JSON.stringify({ AssumeRoleWithWebIdentityResponse: { AssumeRoleWithWebIdentityResult: { Credentials } } }),
    );
  });
  await new Promise<void>((done) => sts.listen(0, "127.0.0.1", done));
  t.after(() => sts.close());
  return { forms, env: { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(sts.address() as AddressInfo).port}/` } };
}

test("keys of AssumeRoleWithWebIdentity for the id_token; a refusal by its code alone", async (t) => {
  const { ask, issuer } = await startHelpers(t, {});
  const { forms, env } = await startSts(t, 3_600);
  const { out } = await ask(["aws", "corp", "--role", "arn:aws:iam::1:role/x"], "", env);
  assert.match(
    out,
    /^\{"Version":1,"AccessKeyId":"AKIA1","SecretAccessKey":"s","SessionToken":"t","Expiration":"[-\d]{10}T[:\d]{8}Z"\}\n$/,
  );
  const form = forms[0];
  assert.deepEqual(
    [form?.get("Action"), form?.get("RoleArn"), form?.get("RoleSessionName")],
    ["AssumeRoleWithWebIdentity", "arn:aws:iam::1:role/x", "coatcheck-corp"],
  );
  assert.equal(decodeJwt(form?.get("WebIdentityToken") ?? "").iss, issuer);
  assert.deepEqual(await ask(["aws", "corp", "--role", "arn:denied"], "", env), {
    code: 1,
    out: "",
    err: "coatcheck: AWS STS refused the request: AccessDenied\n",
  });
  assert.deepEqual(await ask(["aws", "corp", "--role", "arn:odd"], "", env), {
    code: 1,
    out: "",
    err: "coatcheck: the answer of AWS STS could not be understood\n",
  });
});

test("ST-36 a region that would name another host is refused, and nothing is sent", async (t) => {
  const { ask } = await startHelpers(t, {});
  for (const region of ["x.evil.example/", "evil.example#", "a@b"]) {
    const { code, err } = await ask(["aws", "corp", "--role", "arn:x"], "", { AWS_REGION: region });
    assert.deepEqual([code, err], [1, `coatcheck: "${region}" is not an AWS region: give one as us-east-1\n`]);
  }
});

test("FC-62 keys of an STS that answers in XML", async (t) => {
  const { ask } = await startHelpers(t, {});
  const { env } = await startSts(t, 3_600);
  assert.match(
    (await ask(["aws", "corp", "--role", "arn:xml"], "", env)).out,
    /^\{"Version":1,"AccessKeyId":"AKIAXML","SecretAccessKey":"s","SessionToken":"t\/\+=","Expiration":"[-\d]{10}T[:\d]{8}Z"\}\n$/,
  );
});

test("the agent keeps the keys, one set for each role, until five minutes before their end", async (t) => {
  const { ask, person } = await startHelpers(t, {});
  await said(person.startProcess(["agent", "--foreground"]), /OIDC_SOCK=/);
  const lasting = await startSts(t, 3_600);
  const keys = async (env: Record<string, string>, role = "arn:one") => {
    const { out, err } = await ask(["aws", "corp", "--role", role], "", env);
    assert.equal(err, "");
    return JSON.parse(out).AccessKeyId;
  };
  const together = await Promise.all([1, 2, 3].map(() => keys(lasting.env)));
  assert.deepEqual(together, ["AKIA1", "AKIA1", "AKIA1"]);
  assert.equal(await keys(lasting.env, "arn:two"), "AKIA2");
  assert.equal(await keys(lasting.env), "AKIA1");
  assert.equal(lasting.forms.length, 2);
  const ending = await startSts(t, 299);
  assert.equal(await keys(ending.env), "AKIA1");
  assert.equal(await keys(ending.env), "AKIA2");
  const denied = await ask(["aws", "corp", "--role", "arn:denied"], "", lasting.env);
  assert.deepEqual([denied.code, denied.err], [1, "coatcheck: AWS STS refused the request: AccessDenied\n"]);
});
