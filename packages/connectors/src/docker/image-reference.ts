import { LavaError } from "@lava/core";

/** The registry that names without one mean. */
export const DOCKER_HUB = "docker.io";

/** The parts of an image's name. */
export interface ImageReference {
  /** As it was written, without blanks around it, tag and digest. */
  readonly repository: string;
  /** Host of the registry, `docker.io` for names without one. */
  readonly registry: string;
  /** `latest` where neither tag nor digest was given. */
  readonly tag: string | undefined;
  /** `sha256:...`; wins over the tag. */
  readonly digest: string | undefined;
}

const HOST =
  /^(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9.-]+(?=:)|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/**
 * Parses `[registry[:port]/]name[:tag][@digest]` (JOB-docker-09: the original knows `name[:tag]` alone).
 *
 * @throws {LavaError} BAD_PAYLOAD
 */
export function parseImageReference(text: string): ImageReference {
  const written = text.trim();
  const [name = "", digest] = written.split("@", 2);
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const repository = colon < 0 ? name : name.slice(0, colon);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  const slash = repository.indexOf("/");
  const first = slash < 0 ? "" : repository.slice(0, slash);
  const hasHost = HOST.test(first);
  const path = hasHost ? repository.slice(slash + 1) : repository;
  const good =
    path.split("/").every((part) => PART.test(part)) &&
    (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) &&
    (digest === undefined || /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,}$/.test(digest)) &&
    written.split("@").length <= 2;
  if (!good) {
    throw new LavaError(
      "BAD_PAYLOAD",
      `Bad payload: ${written}: Must be in the form repository[:tag]`,
      {
        retry: "never",
        hint: "Write [registry[:port]/]name[:tag] or [registry[:port]/]name@digest, in small letters.",
      },
    );
  }
  return {
    repository,
    registry: hasHost && first !== "index.docker.io" ? first : DOCKER_HUB,
    tag: tag ?? (digest === undefined ? "latest" : undefined),
    digest,
  };
}

/** The name under which the image is known to the daemon. */
export function imageName({ repository, tag, digest }: ImageReference): string {
  return digest === undefined ? `${repository}:${tag ?? "latest"}` : `${repository}@${digest}`;
}
