import type { FunctionConfiguration, LambdaClient } from "@aws-sdk/client-lambda";
import { type Clock, LavaError } from "@lava/core";

const load = () => import("@aws-sdk/client-lambda");

/** What an alias points to. */
export interface AliasTarget {
  readonly version: string;
  /** The version before, as our description tells it. */
  readonly before: string | undefined;
}

/** One function of a realm in AWS. */
export interface FunctionApi {
  readonly name: string;
  /** Settings of a version, of `$LATEST` without one; undefined when there is no such function. */
  settings(version?: string): Promise<FunctionConfiguration | undefined>;
  /** Where AWS lets the code of a version be fetched. */
  codeUrl(version: string): Promise<string | undefined>;
  /** Changes the code, and runtime and handler where they differ; waits until that is done. */
  update(
    code: { readonly bucket: string; readonly key: string } | { readonly archive: Uint8Array },
    settings: { readonly runtime: string; readonly handler: string },
  ): Promise<void>;
  /** Makes a version of what is there. */
  publish(description: string): Promise<string>;
  /** Calls a version; what it threw, undefined when nothing. Also undefined for who may not call it. */
  call(version: string, event: object): Promise<string | undefined>;
  alias(name: string): Promise<AliasTarget | undefined>;
  moveAlias(name: string, target: AliasTarget): Promise<void>;
}

const MARK = "previous version: ";

/** How often and how many times it is asked whether an update is done. */
const POLL_MS = 500;
const POLLS = 240;

/** The operations on one function. */
export function functionApi(name: string, client: LambdaClient, clock: Clock): FunctionApi {
  async function ifThere<T>(action: () => Promise<T>): Promise<T | undefined> {
    const { ResourceNotFoundException } = await load();
    try {
      return await action();
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  async function settings(version?: string): Promise<FunctionConfiguration | undefined> {
    const { GetFunctionConfigurationCommand } = await load();
    return await ifThere(() =>
      client.send(new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: version })),
    );
  }

  /** @throws {LavaError} FUNCTION_NOT_UPDATED */
  async function settled(): Promise<FunctionConfiguration> {
    for (let poll = 0; poll < POLLS; poll += 1) {
      // oxlint-disable-next-line no-await-in-loop -- until it is done
      const now = await settings();
      const status = now?.LastUpdateStatus ?? "Successful";
      if (now !== undefined && status === "Successful") return now;
      if (status === "Failed") {
        throw new LavaError(
          "FUNCTION_NOT_UPDATED",
          `${name} could not be updated: ${now?.LastUpdateStatusReason ?? "no reason is given"}`,
        );
      }
      // oxlint-disable-next-line no-await-in-loop -- until it is done
      await clock.sleep(POLL_MS);
    }
    throw new LavaError("FUNCTION_NOT_UPDATED", `${name} is still being updated after two minutes`);
  }

  return {
    name,
    settings,
    async codeUrl(version) {
      const { GetFunctionCommand } = await load();
      const { Code } = await client.send(
        new GetFunctionCommand({ FunctionName: name, Qualifier: version }),
      );
      return Code?.Location;
    },
    async update(code, { runtime, handler }) {
      const { UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand, Runtime } =
        await load();
      const now = await settled();
      await client.send(
        new UpdateFunctionCodeCommand({
          FunctionName: name,
          ...("archive" in code
            ? { ZipFile: code.archive }
            : { S3Bucket: code.bucket, S3Key: code.key }),
        }),
      );
      await settled();
      if (now.Runtime === runtime && now.Handler === handler) return;
      const known = Object.values(Runtime).find((one) => one === runtime);
      await client.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: name,
          Handler: handler,
          ...(known === undefined ? {} : { Runtime: known }),
        }),
      );
      await settled();
    },
    async publish(description) {
      const { PublishVersionCommand } = await load();
      const { Version } = await client.send(
        new PublishVersionCommand({ FunctionName: name, Description: description }),
      );
      if (Version !== undefined) return Version;
      throw new LavaError("FUNCTION_NOT_UPDATED", `${name} was published without a version`);
    },
    async call(version, event) {
      const [{ InvokeCommand }, { isAccessDenied }] = await Promise.all([
        load(),
        import("@lava/realm"),
      ]);
      try {
        const { FunctionError, Payload = new Uint8Array() } = await client.send(
          new InvokeCommand({
            FunctionName: name,
            Qualifier: version,
            Payload: JSON.stringify(event),
          }),
        );
        return FunctionError === undefined ? undefined : Buffer.from(Payload).toString("utf8");
      } catch (error) {
        if (isAccessDenied(error)) return undefined;
        throw error;
      }
    },
    async alias(alias) {
      const { GetAliasCommand } = await load();
      const found = await ifThere(() =>
        client.send(new GetAliasCommand({ FunctionName: name, Name: alias })),
      );
      if (found?.FunctionVersion === undefined) return undefined;
      const { FunctionVersion, Description = "" } = found;
      return {
        version: FunctionVersion,
        before: Description.startsWith(MARK) ? Description.slice(MARK.length) : undefined,
      };
    },
    async moveAlias(alias, { version, before }) {
      const { CreateAliasCommand, UpdateAliasCommand } = await load();
      const request = {
        FunctionName: name,
        Name: alias,
        FunctionVersion: version,
        Description: before === undefined ? "" : `${MARK}${before}`,
      };
      const updated = await ifThere(() => client.send(new UpdateAliasCommand(request)));
      if (updated === undefined) await client.send(new CreateAliasCommand(request));
    },
  };
}
