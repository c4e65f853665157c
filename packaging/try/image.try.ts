import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { coatcheck, said } from "../../test/support/process.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { buildImage } from "../image/build.ts";

const ARCHITECTURE = process.arch === "x64" ? "amd64" : process.arch;

/** In namespaces of its own (processes, mounts, IPC, names), as the image's user, on a root that cannot be written. */
const START = `
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs -o uid=65532,gid=65532,mode=0700 none "$ROOT/data"
mount -o remount,bind,ro "$ROOT"
exec env -i $ENVIRONMENT "$(command -v chroot)" --userspec="$USER_IDS" "$ROOT" "$@"
`;

test("the image starts as a container would, reads its secrets, answers its health check, and ends at SIGTERM", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("only root can mount its root read-only");
  const layout = await buildImage(process.arch === "x64" ? ["x64"] : ["arm64"]);
  const root = temporaryFolder(t);
  const { config } = unpack(layout, root);
  for (const name of ["proc", "dev", "run/secrets"]) mkdirSync(join(root, name), { recursive: true });
  const secret = join(root, "run/secrets/root-token");
  writeFileSync(secret, "a-token-for-this-test-alone\n", { mode: 0o400 });
  const [uid = 0, gid = 0] = config.User.split(":").map(Number);
  chownSync(secret, uid, gid);

  const environment = (more: readonly string[]) => [...config.Env, ...more].join(" ");
  const serve = (more: readonly string[]) => ({ ROOT: root, USER_IDS: config.User, ENVIRONMENT: environment(more) });
  const inside = ["--pid", "--ipc", "--uts", "--fork", "--kill-child", "sh", "-c", START, "sh"];
  const begun = performance.now();
  const own = ["COATCHECK_LISTEN=127.0.0.1:0", "COATCHECK_ROOT_TOKEN_FILE=/run/secrets/root-token"];
  const started = coatcheck(t, [...inside, ...config.Entrypoint, ...config.Cmd], serve(own), ["unshare", "--mount"]);
  const [, address = ""] = await said(started, /listening at (http:\/\/127\.0\.0\.1:\d+)/, 60_000);
  t.diagnostic(`serves after ${Math.round(performance.now() - begun)} ms`);
  const headers = { "x-vault-token": "a-token-for-this-test-alone" };
  assert.equal((await fetch(`${address}/v1/auth/token/lookup-self`, { headers })).status, 200);

  const check = [...inside, ...config.Healthcheck.Test.slice(1)];
  const healthy = coatcheck(t, check, serve([`COATCHECK_ADDR=${address}`]), ["unshare", "--mount"]);
  assert.equal(await healthy.ended, 0, healthy.stdout() + healthy.stderr());

  const first = Number(readFileSync(`/proc/${started.child.pid}/task/${started.child.pid}/children`, "utf8"));
  assert.match(
    readFileSync(`/proc/${first}/status`, "utf8"),
    /^NSpid:\t\d+\t1$/m,
    "it is the first process of its own",
  );
  assert.match(readFileSync(`/proc/${first}/status`, "utf8"), new RegExp(`^Uid:\t${uid}\t${uid}`, "m"));
  process.kill(first, "SIGTERM");
  assert.equal(await started.ended, 0, started.stderr());
});

interface Config {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** What a runtime does with a layout; answers what the image says of its start. */
function unpack(layout: string, root: string): { readonly config: Config } {
  const blob = (digest: string) => join(layout, "blobs", digest.replace(":", "/"));
  const read = (digest: string) => JSON.parse(readFileSync(blob(digest), "utf8"));
  const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
  const platforms = read(manifests[0].digest).manifests;
  const mine = platforms.find(
    (one: { platform: { architecture: string } }) => one.platform.architecture === ARCHITECTURE,
  );
  const manifest = read(mine.digest);
  for (const { digest } of manifest.layers) execFileSync("tar", ["-xzpf", blob(digest), "-C", root]);
  return read(manifest.config.digest);
}
