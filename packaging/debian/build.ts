import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { projectFile } from "../../scripts/build.ts";
import { ARCHITECTURES, type Architecture, buildExecutable } from "../executable/build.ts";
import { manPage } from "../man.ts";
import type { Manifest } from "../manifest.ts";

const root = join(import.meta.dirname, "../..");

/** Debian's names for them. */
const DEBIAN = { x64: "amd64", arm64: "arm64" } as const;

/**
 * A Debian package of the executable: command, unit and socket of systemd, man page, completions. Its libraries are Node's
 * (`readelf -d`), of the versions that Node's own builds ask for. Answers its path in dist/artifacts.
 */
export async function buildDebianPackage(architecture: Architecture): Promise<string> {
  const { version, description, homepage } = projectFile<Manifest>("package.json");
  const executable = await buildExecutable(architecture);
  const folder = mkdtempSync(join(tmpdir(), "coatcheck-deb-"));
  const put = (path: string, content: string | Buffer, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o755 });
    writeFileSync(join(folder, path), content);
    chmodSync(join(folder, path), mode);
  };
  try {
    chmodSync(folder, 0o755);
    put("usr/bin/coatcheck", "", 0o755);
    copyFileSync(join(executable, "coatcheck"), join(folder, "usr/bin/coatcheck"));
    for (const unit of ["coatcheck.service", "coatcheck.socket"]) {
      put(`usr/lib/systemd/system/${unit}`, readFileSync(join(root, "packaging/systemd", unit)));
    }
    put("etc/coatcheck/coatcheck.env", readFileSync(join(root, "packaging/systemd/coatcheck.env")), 0o600);
    // The service's user reads a configuration and a certificate there; what is secret is closed itself.
    chmodSync(join(folder, "etc/coatcheck"), 0o755);
    put("usr/share/man/man1/coatcheck.1.gz", gzipSync(await manPage(), { level: 9 }));
    for (const [path, shell] of COMPLETIONS) put(path, completion(shell));
    const documents = "usr/share/doc/coatcheck";
    put(`${documents}/copyright`, readFileSync(join(executable, "LICENSE")));
    put(`${documents}/THIRD-PARTY.txt`, readFileSync(join(executable, "THIRD-PARTY.txt")));
    put(`${documents}/changelog.gz`, gzipSync(readFileSync(join(root, "CHANGELOG.md")), { level: 9 }));
    for (const name of globSync("*.md", { cwd: join(root, "docs") })) {
      put(`${documents}/${name}`, readFileSync(join(root, "docs", name)));
    }
    const size = execFileSync("du", ["--summarize", "--block-size=1024", folder], { encoding: "utf8" }).split("\t")[0];
    const control = {
      Package: "coatcheck",
      // A pre-release comes before its release.
      Version: version.replace("-", "~"),
      Architecture: DEBIAN[architecture],
      Maintainer: "Coatcheck <coatcheck@localhost>",
      "Installed-Size": size,
      Depends: "libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8)",
      Section: "net",
      Priority: "optional",
      Homepage: homepage,
      Description: description,
    };
    const lines = Object.entries(control).map(([field, value]) => `${field}: ${value}\n`);
    put("DEBIAN/control", lines.join(""));
    put("DEBIAN/conffiles", "/etc/coatcheck/coatcheck.env\n");
    for (const script of ["postinst", "prerm", "postrm"])
      put(`DEBIAN/${script}`, readFileSync(join(import.meta.dirname, script)), 0o755);
    const made = join(root, `dist/artifacts/coatcheck_${version}_${DEBIAN[architecture]}.deb`);
    mkdirSync(dirname(made), { recursive: true });
    execFileSync("dpkg-deb", ["--root-owner-group", "-Zxz", "-z1", "--build", folder, made], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where shells look. */
const COMPLETIONS = [
  ["usr/share/bash-completion/completions/coatcheck", "bash"],
  ["usr/share/fish/vendor_completions.d/coatcheck.fish", "fish"],
] as const;

function completion(shell: string): string {
  return execFileSync(process.execPath, [join(root, "bin/coatcheck.js"), "completion", shell], { encoding: "utf8" });
}

if (import.meta.main) for (const architecture of ARCHITECTURES) console.log(await buildDebianPackage(architecture));
