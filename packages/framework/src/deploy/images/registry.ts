import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";

/** An image of a repository, as far as deployments look at it. */
export interface RegistryImage {
  readonly digest: string;
  readonly tags: readonly string[];
}

/** A login to the registry of the realm's account, good for hours. */
export interface RegistryLogin {
  /** Host and port, as image names begin with. */
  readonly host: string;
  /** The same with its protocol, without a slash at its end. */
  readonly endpoint: string;
  /** `user:password` in base64, as docker's configuration has it. */
  readonly auth: string;
}

/** What `latest` of a repository is; undefined without it, or without the repository. */
export async function latestImage(
  realm: Pick<Realm, "clients">,
  repository: string,
): Promise<RegistryImage | undefined> {
  const [ecr, { DescribeImagesCommand }] = await sdk(realm);
  try {
    const { imageDetails: [image] = [] } = await ecr.send(
      new DescribeImagesCommand({
        repositoryName: repository,
        imageIds: [{ imageTag: "latest" }],
      }),
    );
    const digest = image?.imageDigest;
    return digest === undefined ? undefined : { digest, tags: image?.imageTags ?? [] };
  } catch (error) {
    if (isNamed(error, "RepositoryNotFoundException", "ImageNotFoundException")) return undefined;
    throw error;
  }
}

/** Tags of the images of a repository, `""` for one without; undefined without the repository. */
export async function repositoryTags(
  realm: Pick<Realm, "clients">,
  repository: string,
): Promise<readonly string[] | undefined> {
  const [ecr, { paginateDescribeImages }] = await sdk(realm);
  const found: string[] = [];
  try {
    for await (const { imageDetails = [] } of paginateDescribeImages(
      { client: ecr },
      { repositoryName: repository },
    ))
      for (const { imageTags = [""] } of imageDetails) found.push(...imageTags);
    return found;
  } catch (error) {
    if (isNamed(error, "RepositoryNotFoundException")) return undefined;
    throw error;
  }
}

/** How many images a new repository keeps. */
const KEEP = 20;

/**
 * Makes sure that there is a repository; a new one forgets old images, of one that is there nothing is changed (FW-201),
 * unless it is empty: whoever made it may have been killed right after.
 */
export async function ensureRepository(
  realm: Pick<Realm, "clients">,
  repository: string,
): Promise<void> {
  const [ecr, { CreateRepositoryCommand, PutLifecyclePolicyCommand }] = await sdk(realm);
  try {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: repository }));
  } catch (error) {
    if (!isNamed(error, "RepositoryAlreadyExistsException")) throw error;
    if ((await repositoryTags(realm, repository))?.length !== 0) return;
  }
  const policy = {
    rules: [
      {
        rulePriority: 1,
        description: `keep ${KEEP} images`,
        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: KEEP },
        action: { type: "expire" },
      },
    ],
  };
  await ecr.send(
    new PutLifecyclePolicyCommand({
      repositoryName: repository,
      lifecyclePolicyText: JSON.stringify(policy),
    }),
  );
}

/** Deletes a repository with its images; false when there is none (FW-204). */
export async function deleteRepository(
  realm: Pick<Realm, "clients">,
  repository: string,
): Promise<boolean> {
  const [ecr, { DeleteRepositoryCommand }] = await sdk(realm);
  try {
    await ecr.send(new DeleteRepositoryCommand({ repositoryName: repository, force: true }));
    return true;
  } catch (error) {
    if (isNamed(error, "RepositoryNotFoundException")) return false;
    throw error;
  }
}

/** @throws {LavaError} REGISTRY_LOGIN_FAILED */
export async function registryLogin(realm: Pick<Realm, "clients">): Promise<RegistryLogin> {
  const [ecr, { GetAuthorizationTokenCommand }] = await sdk(realm);
  const { authorizationData: [data] = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const { authorizationToken: auth, proxyEndpoint } = data ?? {};
  if (auth === undefined || proxyEndpoint === undefined) {
    throw new LavaError("REGISTRY_LOGIN_FAILED", "Cannot login to registry: ECR gave no token");
  }
  const endpoint = new URL(proxyEndpoint).origin;
  return { host: endpoint.replace(/^https?:\/\//, ""), endpoint, auth };
}

/** The client and its commands, loaded when there are images. */
async function sdk(realm: Pick<Realm, "clients">) {
  return await Promise.all([realm.clients.ecr(), import("@aws-sdk/client-ecr")]);
}

function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
