import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** An OCI image layout (opencontainers/image-spec, image-layout.md): content by its hash, and an index that names images. */

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface Image {
  /** GOARCH. */
  readonly architecture: string;
  /** Uncompressed tar files, the lowest first. */
  readonly layers: readonly Buffer[];
  /** What runs, as whom, with what (config.md); `Healthcheck` is Docker's addition. */
  readonly config: Readonly<Record<string, unknown>>;
}

const PREFIX = "application/vnd.oci.image";

/** Writes the images as one of several platforms, under that name. */
export function writeLayout(folder: string, name: string, images: readonly Image[]): void {
  const blobs = join(folder, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const add = (mediaType: string, content: Buffer | object): Descriptor => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    writeFileSync(join(blobs, sha256(bytes)), bytes);
    return { mediaType: `${PREFIX}.${mediaType}`, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
  };
  const manifests = images.map(({ architecture, layers, config }) => {
    const rootfs = { type: "layers", diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) };
    const manifest = {
      schemaVersion: 2,
      mediaType: `${PREFIX}.manifest.v1+json`,
      config: add("config.v1+json", { architecture, os: "linux", config, rootfs }),
      layers: layers.map((layer) => add("layer.v1.tar+gzip", gzipSync(layer, { level: 6 }))),
    };
    return { ...add("manifest.v1+json", manifest), platform: { architecture, os: "linux" } };
  });
  const all = add("index.v1+json", { schemaVersion: 2, mediaType: `${PREFIX}.index.v1+json`, manifests });
  const named = { ...all, annotations: { "org.opencontainers.image.ref.name": name } };
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
