/** An image of a registry. */
export interface RegistryImage {
  readonly digest: string;
  readonly tags: readonly string[];
}

const MANIFESTS = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

/** The tagged images of a repository, by the registry's own protocol. */
export async function listImages(
  endpoint: string,
  repository: string,
  password: string,
): Promise<readonly RegistryImage[]> {
  const headers = {
    authorization: `Basic ${Buffer.from(`AWS:${password}`).toString("base64")}`,
    accept: MANIFESTS,
  };
  const answer = await fetch(`${endpoint}/v2/${repository}/tags/list`, { headers });
  if (!answer.ok) return [];
  const list: unknown = await answer.json();
  const tags: unknown = typeof list === "object" && list !== null && "tags" in list && list.tags;
  const images = new Map<string, string[]>();
  for (const tag of Array.isArray(tags) ? tags : []) {
    if (typeof tag !== "string") continue;
    const head = await fetch(`${endpoint}/v2/${repository}/manifests/${tag}`, {
      method: "HEAD",
      headers,
    });
    const digest = head.headers.get("docker-content-digest");
    if (digest !== null) images.set(digest, [...(images.get(digest) ?? []), tag]);
  }
  return [...images].map(([digest, names]) => ({ digest, tags: names.toSorted() }));
}
