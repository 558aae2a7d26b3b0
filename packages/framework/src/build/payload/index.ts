import type { FileSource } from "../discover.ts";
import type { Finding } from "../types.ts";
import { docker } from "./docker.ts";
import { notebook } from "./notebook.ts";
import { pkg } from "./package.ts";
import type { PayloadBuilder } from "./payload-builder.ts";
import { raw } from "./raw.ts";
import { resource } from "./resource.ts";
import { script } from "./script.ts";
import { sql } from "./sql.ts";

/** All payload builders, by the name of their file. */
export const payloadBuilders: Readonly<Record<string, PayloadBuilder>> = {
  docker,
  notebook,
  package: pkg,
  raw,
  resource,
  script,
  sql,
};

/** The builder of a file of `lava-payloads` or `misc`; or what is wrong with its name, if anything. */
export function builderOf(file: FileSource): PayloadBuilder | Finding | undefined {
  const suffix = /.\.([^.]+)$/.exec(file.name)?.[1];
  const builder = Object.values(payloadBuilders).find(
    (candidate) =>
      candidate.isFolder === file.isFolder &&
      suffix !== undefined &&
      candidate.suffixes.includes(suffix),
  );
  // Only SQL is built in misc (FW-218).
  if (file.folder === "misc") return builder === sql ? builder : undefined;
  if (builder !== undefined) return builder;
  if (/^(?:README|Makefile)/i.test(file.name)) return undefined;
  const known = Object.values(payloadBuilders)
    .flatMap(({ suffixes, isFolder }) => suffixes.map((name) => `.${name}${isFolder ? "/" : ""}`))
    .join(" ");
  const isMeant = file.isFolder && suffix !== undefined;
  return {
    severity: isMeant ? "error" : "warning",
    path: [],
    code: "unknown_payload_kind",
    message: isMeant
      ? `there is no payload kind .${suffix}/; known are ${known}`
      : `no rule builds ${file.isFolder ? "this folder" : "this file"}: it is not deployed; known are ${known}`,
    file: file.source,
  };
}
