import { randomBytes } from "node:crypto";
import type { Engine, EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { booleanOf, objectOf, objectsOf, required, textOf, textsOf } from "../protocols/input.ts";
import { type JsonObject, jsonProtocol } from "../protocols/json.ts";
import { number, type Row, text } from "../store.ts";
import { listImages } from "./registry.ts";

/** Milliseconds that a token is good for. */
const TOKEN_MS = 12 * 3_600_000;

/** ECR: logins, and the repositories of one registry of this machine; images are the registry's own business. */
export function createEcrEngine(context: EngineContext): Engine {
  const { accountId, clock, region, registry, store } = context;
  const password = registry?.password ?? randomBytes(24).toString("base64url");
  const endpoint = registry?.endpoint ?? `https://${accountId}.dkr.ecr.${region}.amazonaws.com`;
  const host = endpoint.replace(/^https?:\/\//, "");
  store.exec(
    `CREATE TABLE IF NOT EXISTS ecr_repositories (
       name TEXT PRIMARY KEY, mutability TEXT NOT NULL, scan INTEGER NOT NULL, policy TEXT,
       created INTEGER NOT NULL
     ) STRICT`,
  );

  function describe(row: Row): object {
    const name = text(row, "name");
    return {
      repositoryArn: `arn:aws:ecr:${region}:${accountId}:repository/${name}`,
      registryId: accountId,
      repositoryName: name,
      repositoryUri: `${host}/${name}`,
      createdAt: number(row, "created") / 1000,
      imageTagMutability: text(row, "mutability"),
      imageScanningConfiguration: { scanOnPush: number(row, "scan") === 1 },
      encryptionConfiguration: { encryptionType: "AES256" },
    };
  }

  function find(input: JsonObject): Row {
    const name = required(textOf(input, "repositoryName"), "repositoryName");
    const row = store.prepare("SELECT * FROM ecr_repositories WHERE name = ?").get(name);
    if (row === undefined) throw noRepository(name);
    return row;
  }

  function noRepository(name: string): AwsError {
    return new AwsError(
      "RepositoryNotFoundException",
      `The repository with name '${name}' does not exist in the registry with id '${accountId}'`,
    );
  }

  function getAuthorizationToken(): object {
    return {
      authorizationData: [
        {
          authorizationToken: Buffer.from(`AWS:${password}`).toString("base64"),
          expiresAt: (clock.now() + TOKEN_MS) / 1000,
          proxyEndpoint: endpoint,
        },
      ],
    };
  }

  function createRepository(input: JsonObject): object {
    const name = required(textOf(input, "repositoryName"), "repositoryName");
    if (!/^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(name)) {
      throw new AwsError(
        "InvalidParameterException",
        `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''`,
      );
    }
    return store.write(() => {
      if (store.prepare("SELECT 1 FROM ecr_repositories WHERE name = ?").get(name) !== undefined) {
        throw new AwsError(
          "RepositoryAlreadyExistsException",
          `The repository with name '${name}' already exists in the registry with id '${accountId}'`,
        );
      }
      const scan = objectOf(input, "imageScanningConfiguration") ?? {};
      store
        .prepare("INSERT INTO ecr_repositories VALUES (?, ?, ?, NULL, ?)")
        .run(
          name,
          textOf(input, "imageTagMutability") ?? "MUTABLE",
          booleanOf(scan, "scanOnPush") === true ? 1 : 0,
          clock.now(),
        );
      return { repository: describe(find(input)) };
    });
  }

  function describeRepositories(input: JsonObject): object {
    const names = textsOf(input, "repositoryNames");
    const repositories =
      names === undefined
        ? store.prepare("SELECT * FROM ecr_repositories ORDER BY name").all()
        : names.map((repositoryName) => find({ repositoryName }));
    return { repositories: repositories.map((row) => describe(row)) };
  }

  function deleteRepository(input: JsonObject): object {
    return store.write(() => {
      const row = find(input);
      store.prepare("DELETE FROM ecr_repositories WHERE name = ?").run(text(row, "name"));
      return { repository: describe(row) };
    });
  }

  function putLifecyclePolicy(input: JsonObject): object {
    const policy = required(textOf(input, "lifecyclePolicyText"), "lifecyclePolicyText");
    try {
      JSON.parse(policy);
    } catch {
      throw new AwsError("InvalidParameterException", "Invalid parameter: the policy is not JSON");
    }
    return store.write(() => {
      const name = text(find(input), "name");
      store.prepare("UPDATE ecr_repositories SET policy = ? WHERE name = ?").run(policy, name);
      return { registryId: accountId, repositoryName: name, lifecyclePolicyText: policy };
    });
  }

  function getLifecyclePolicy(input: JsonObject): object {
    const row = find(input);
    const policy = row["policy"];
    if (typeof policy !== "string") {
      throw new AwsError(
        "LifecyclePolicyNotFoundException",
        `Lifecycle policy does not exist for the repository with name '${text(row, "name")}' in the registry with id '${accountId}'`,
      );
    }
    return {
      registryId: accountId,
      repositoryName: text(row, "name"),
      lifecyclePolicyText: policy,
    };
  }

  async function describeImages(input: JsonObject): Promise<object> {
    const name = text(find(input), "name");
    const images =
      registry === undefined ? [] : await listImages(registry.endpoint, name, password);
    const wanted = objectsOf(input, "imageIds");
    const found = images.filter(
      ({ digest, tags }) =>
        wanted === undefined ||
        wanted.some((id) => {
          const tag = textOf(id, "imageTag");
          return textOf(id, "imageDigest") === digest || (tag !== undefined && tags.includes(tag));
        }),
    );
    if (wanted !== undefined && found.length < wanted.length) {
      throw new AwsError(
        "ImageNotFoundException",
        `The image requested does not exist within the repository with name '${name}' in the registry with id '${accountId}'`,
      );
    }
    return {
      imageDetails: found.map(({ digest, tags }) => ({
        registryId: accountId,
        repositoryName: name,
        imageDigest: digest,
        imageTags: tags,
      })),
    };
  }

  return {
    services: ["ecr"],
    handle: jsonProtocol({
      version: "1.1",
      operations: {
        CreateRepository: createRepository,
        DeleteRepository: deleteRepository,
        DescribeImages: describeImages,
        DescribeRepositories: describeRepositories,
        GetAuthorizationToken: getAuthorizationToken,
        GetLifecyclePolicy: getLifecyclePolicy,
        PutLifecyclePolicy: putLifecyclePolicy,
      },
    }),
  };
}
