import { createHash } from "node:crypto";
import { LavaError } from "@lava/core";
import type { RegistryLogin } from "./registry.ts";

/** What a registry keeps under a tag, byte for byte: an image, or a list of them by platform. */
export interface ImageManifest {
  readonly type: string;
  readonly content: Uint8Array;
}

const LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const ACCEPT = [
  "application/vnd.docker.distribution.manifest.v2+json",
  LIST,
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

/**
 * Reads what a tag of a repository stands for, by the registry's own protocol.
 *
 * @throws {LavaError} IMAGE_PUSH_FAILED
 */
export async function readManifest(
  login: RegistryLogin,
  repository: string,
  tag: string,
): Promise<ImageManifest> {
  const answer = await call(login, repository, tag, { headers: { accept: ACCEPT } });
  return {
    type: answer.headers.get("content-type") ?? "",
    content: new Uint8Array(await answer.arrayBuffer()),
  };
}

/**
 * Makes a tag stand for a manifest, whose images are there already; nothing of them is sent (FW-193, FW-203).
 *
 * @throws {LavaError} IMAGE_PUSH_FAILED
 */
export async function writeManifest(
  login: RegistryLogin,
  repository: string,
  tag: string,
  { type, content }: ImageManifest,
): Promise<void> {
  const body = new Uint8Array(content);
  await call(login, repository, tag, { method: "PUT", headers: { "content-type": type }, body });
}

/** One manifest for several platforms, of those of each (FW-193). */
export function manifestList(
  parts: readonly { readonly platform: string; readonly manifest: ImageManifest }[],
): ImageManifest {
  const manifests = parts.map(({ platform, manifest: { type, content } }) => {
    const [os = "", architecture = "", variant] = platform.split("/");
    return {
      mediaType: type,
      size: content.length,
      digest: `sha256:${createHash("sha256").update(content).digest("hex")}`,
      platform: { architecture, os, ...(variant === undefined ? {} : { variant }) },
    };
  });
  const text = JSON.stringify({ schemaVersion: 2, mediaType: LIST, manifests });
  return { type: LIST, content: Buffer.from(text) };
}

/** Milliseconds for one answer of a registry. */
const ANSWER_TIME = 30_000;

async function call(
  { endpoint, auth }: RegistryLogin,
  repository: string,
  tag: string,
  init: RequestInit & { readonly headers: Readonly<Record<string, string>> },
): Promise<Response> {
  const fail = (reason: string, cause?: unknown): LavaError =>
    new LavaError("IMAGE_PUSH_FAILED", `${repository}:${tag}: the registry said: ${reason}`, {
      cause,
    });
  let answer: Response;
  try {
    answer = await fetch(`${endpoint}/v2/${repository}/manifests/${tag}`, {
      ...init,
      headers: { ...init.headers, authorization: `Basic ${auth}` },
      signal: AbortSignal.timeout(ANSWER_TIME),
    });
  } catch (error) {
    throw fail(error instanceof Error ? error.message : "nothing", error);
  }
  if (answer.ok) return answer;
  throw fail(`${answer.status} ${(await answer.text()).slice(0, 300)}`);
}
