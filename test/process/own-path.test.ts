import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requireOwnData } from "../../src/compose/own-data.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { exposureOf, secretExposureOf } from "../../src/process/own-path.ts";
import { secretFilesOf } from "../../src/process/variables.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SOMEBODY = 12_345;
const isRoot = process.getuid?.() === 0;

/** A data folder with its key and root token, and a key that lies elsewhere. */
function places(t: TestContext) {
  const home = temporaryFolder(t);
  const data = join(home, "data");
  const elsewhere = join(home, "keys");
  for (const folder of [data, elsewhere]) mkdirSync(folder, { mode: 0o700 });
  const files = { key: join(data, "key"), token: join(data, "root-token"), outer: join(elsewhere, "key") };
  for (const file of Object.values(files)) writeFileSync(file, "x", { mode: 0o600 });
  return { data, elsewhere, ...files, config: { data, key: `file:${files.outer}`, ownerCheck: true } };
}

test("ST-12 a data folder, key or root token that others can change is refused with the command that mends it", (t) => {
  const { config, ...paths } = places(t);
  requireOwnData(config);
  for (const path of Object.values(paths)) {
    const isFolder = path === paths.data || path === paths.elsewhere;
    for (const bits of [0o002, 0o020]) {
      chmodSync(path, (isFolder ? 0o700 : 0o600) | bits);
      const said = `other users can change ${path}: run chmod ${isFolder ? "700" : "go-w"} ${path}; for a container's volume use --data-owner-check off`;
      assert.throws(() => requireOwnData(config), { name: "StoreUnusable", message: new RegExp(`^${said}`) });
    }
    chmodSync(path, isFolder ? 0o700 : 0o600);
  }
  requireOwnData(config);
});

test("ST-12 what belongs to another user is refused, also by root; what root owns is everybody's own", {
  skip: !isRoot,
}, (t) => {
  const { config, ...paths } = places(t);
  for (const path of Object.values(paths)) {
    chownSync(path, SOMEBODY, SOMEBODY);
    assert.throws(() => requireOwnData(config), {
      message: new RegExp(`^${path} belongs to another user \\(12345\\): run`),
    });
    chownSync(path, 0, 0);
  }
  chmodSync(paths.elsewhere, 0o1777);
  requireOwnData(config);
  chmodSync(paths.data, 0o1777);
  assert.throws(() => requireOwnData(config), /other users can change .*data:/, "of a key's folder alone");
  chmodSync(paths.data, 0o700);
  process.seteuid?.(SOMEBODY);
  const [strict, withRoot] = [exposureOf("/"), exposureOf("/", { alsoRoot: true })];
  process.seteuid?.(0);
  assert.match(
    strict?.message ?? "",
    /^\/ belongs to another user \(0\)/,
    "a person's own files are judged more strictly",
  );
  assert.equal(withRoot, undefined);
});

test("ST-12 with the check off the data are used, and the log says what is exposed", (t) => {
  const { config, data } = places(t);
  chmodSync(data, 0o777);
  const lines: string[] = [];
  requireOwnData(
    { ...config, ownerCheck: false },
    createLog("warn", (line) => lines.push(line)),
  );
  assert.match(
    lines.join(""),
    /^\{"level":"warn".*"event":"data_exposed","reason":"other users can change .*data: run chmod/,
  );
  assert.equal(lines.length, 1);
});

test("ST-12 a configuration file that others can write or replace is refused, whatever it says of that itself", (t) => {
  const { config, data, elsewhere } = places(t);
  const file = join(elsewhere, "serve.json");
  writeFileSync(file, JSON.stringify({ data, data_owner_check: false }), { mode: 0o600 });
  assert.equal(loadConfig({ config: file }, {}).data, data);
  for (const [path, open, closed] of [
    [file, 0o666, 0o600],
    [file, 0o664, 0o644],
    [elsewhere, 0o777, 0o700],
  ] as const) {
    chmodSync(path, open);
    const said = new RegExp(`^other users can change ${path}: run chmod \\S+ ${path}; .*--data-owner-check off`);
    assert.throws(() => loadConfig({ config: file }, {}), { name: "ConfigError", message: said });
    const loaded = loadConfig({ config: file, dataOwnerCheck: "off" }, {});
    const lines: string[] = [];
    requireOwnData(
      { ...config, ownerCheck: false, ...(loaded.file && { file: loaded.file }) },
      createLog("warn", (line) => lines.push(line)),
    );
    assert.match(lines[0] ?? "", /"event":"data_exposed","reason":"other users can change /);
    chmodSync(path, closed);
  }
});

test("ST-31 a secret's file may be read by a group, and by all only as root says or behind a closed folder; nobody else changes it", {
  skip: !isRoot,
}, (t) => {
  const home = temporaryFolder(t);
  const [folder, linked] = [join(home, "open"), join(home, "linked")];
  for (const path of [folder, linked]) mkdirSync(path);
  const file = join(folder, "tls-key.pem");
  writeFileSync(file, "x");
  symlinkSync(file, join(linked, "key"));
  /** As another user sees it, whose file it is. */
  const judged = (mode: number, { owner = SOMEBODY, closed = false, path = file } = {}) => {
    chownSync(file, owner, 0);
    chmodSync(file, mode);
    for (const one of [home, folder]) chmodSync(one, one === folder && closed ? 0o750 : 0o755);
    process.seteuid?.(SOMEBODY);
    try {
      return secretExposureOf(path)?.message;
    } finally {
      process.seteuid?.(0);
    }
  };
  for (const mode of [0o600, 0o440, 0o640]) assert.equal(judged(mode), undefined, mode.toString(8));
  assert.equal(judged(0o644), `other users can read ${file}: run chmod o-r ${file}`);
  for (const mode of [0o400, 0o440, 0o444, 0o644])
    assert.equal(judged(mode, { owner: 0 }), undefined, "as containers have it");
  assert.equal(judged(0o664), `other users can change ${file}: run chmod go-w ${file}`);
  assert.match(
    String(judged(0o600, { owner: SOMEBODY + 1, path: join(linked, "key") })),
    /tls-key.pem belongs to another user/,
  );
  chmodSync(linked, 0o777);
  assert.match(String(judged(0o600, { path: join(linked, "key") })), /^other users can change .*linked: run chmod 700/);
});

test("ST-31 the files of _FILE and the key of TLS are judged at the start, and --data-owner-check off uses them", (t) => {
  const { config, data } = places(t);
  const [token, key] = [join(data, "token"), join(data, "tls-key.pem")];
  for (const file of [token, key]) writeFileSync(file, "x", { mode: 0o600 });
  const given = { ...config, secretFiles: secretFilesOf({ COATCHECK_ROOT_TOKEN_FILE: token }), tls: { cert: "", key } };
  requireOwnData(given);
  for (const file of [token, key]) {
    chmodSync(file, 0o620);
    assert.throws(() => requireOwnData(given), {
      name: "StoreUnusable",
      message: new RegExp(`^other users can change ${file}`),
    });
    requireOwnData({ ...given, ownerCheck: false });
    chmodSync(file, 0o600);
  }
});
