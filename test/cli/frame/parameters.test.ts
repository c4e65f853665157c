import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseParameters } from "../../../src/cli/frame/parameters.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("k=v: only the first = splits, a repeated key is a list, files and standard input give texts and objects", async (t) => {
  const file = join(temporaryFolder(t), "x");
  writeFileSync(file, '{"a":1}\n');
  assert.deepEqual(await parseParameters(["provider_options=issuer_url=https://x", "s=1", "s=2", "s=3", "e="]), {
    provider_options: "issuer_url=https://x",
    s: ["1", "2", "3"],
    e: "",
  });
  assert.deepEqual(await parseParameters([`k=@${file}`, "t=\\@x"]), { k: '{"a":1}', t: "@x" });
  assert.deepEqual(await parseParameters([`@${file}`, "b=2"]), { a: 1, b: "2" });
  assert.deepEqual(await parseParameters(["refresh_token=-"], async () => "secret\n"), { refresh_token: "secret" });
  assert.deepEqual(await parseParameters(["-"], async () => '{"c":[1]}'), { c: [1] });
});

test("CLI-8 a secret on the command line is refused, and said without it", async () => {
  await assert.rejects(
    () => parseParameters(["client_secret=hush"]),
    (error: Error) => /client_secret=@FILE/.test(error.message) && !error.message.includes("hush"),
  );
});

test("what is no parameter is refused", async () => {
  for (const bad of ["abc", "=x", "@/no/such/file", "k=@/no/such/file"])
    await assert.rejects(() => parseParameters([bad]), bad);
  await assert.rejects(() => parseParameters(["-"], async () => "[1]"), /a JSON object/);
});

test("ST-37 a parameter that is named like a member of every object is one of its own", async () => {
  assert.equal((await parseParameters(["constructor=x"])).constructor, "x");
});
