import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { LavaError } from "@lava/core";
import { VERSION } from "../version.ts";
import type { BuiltFunction } from "./build-functions.ts";
import type { CodePlace } from "./code-place.ts";
import type { FunctionApi } from "./function-api.ts";

/** The runtime of the functions. */
export const RUNTIME = "nodejs24.x";

/** What became of one function, or would. */
export interface FunctionChange {
  /** Name in AWS. */
  readonly function: string;
  readonly outcome: "deployed" | "unchanged" | "restored" | "missing";
  /** What the alias points to; undefined while nothing was done. */
  readonly version: string | undefined;
  readonly previous: string | undefined;
  /** `s3://...` of the code; undefined where it is nobody's business. */
  readonly code: string | undefined;
}

/** What a function answers to an event that holds nothing, where that does nothing: it throws nothing, or this. */
const PROBES: Readonly<Partial<Record<BuiltFunction["name"], RegExp>>> = {
  dispatch: /(?!)/,
  s3trigger: /(?!)/,
  stop: /EC2InstanceId/,
};

/** Options of {@link deployFunctions}. */
export interface DeployFunctionsOptions {
  readonly s3: S3Client;
  readonly place: CodePlace;
  readonly alias: string;
  readonly dryRun: boolean;
  api(name: BuiltFunction["name"]): FunctionApi;
}

/**
 * Uploads the code of functions, changes the functions, sees that the new versions run, and when all do moves their
 * alias: a failure before that leaves the alias of each where it was. A function that has this code already is left
 * alone.
 *
 * @throws {LavaError} FUNCTION_NOT_UPDATED, FUNCTION_BROKEN
 */
export async function deployFunctions(
  functions: readonly BuiltFunction[],
  { s3, place, alias, dryRun, api }: DeployFunctionsOptions,
): Promise<FunctionChange[]> {
  const planned = await Promise.all(
    functions.map(async (built) => {
      const own = api(built.name);
      const [now, target] = await Promise.all([own.settings(), own.alias(alias)]);
      const live = target === undefined ? undefined : await own.settings(target.version);
      const isSame = [now, live].every(
        (one) => one?.CodeSha256 === built.sha256 && one.Handler === `${built.name}.handler`,
      );
      return { built, own, now, target, isSame };
    }),
  );
  const done: { change: FunctionChange; move?: () => Promise<void> }[] = [];
  for (const { built, own, now, target, isSame } of planned) {
    const code = `s3://${place.bucket}/${place.prefix}${built.file}`;
    const change = {
      function: own.name,
      version: target?.version,
      previous: target?.before,
      code,
    };
    if (now === undefined || isSame) {
      done.push({ change: { ...change, outcome: now === undefined ? "missing" : "unchanged" } });
      continue;
    }
    if (dryRun) {
      done.push({ change: { ...change, outcome: "deployed", version: undefined } });
      continue;
    }
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a fault stops the rest
    await upload(built, s3, place);
    // What was there before us has no version to go back to.
    // oxlint-disable-next-line no-await-in-loop -- as above
    const previous = target?.version ?? (await own.publish("before lava lambdas deploy"));
    const kept = { bucket: place.bucket, key: keptKey(built.sha256, built, place) };
    // oxlint-disable-next-line no-await-in-loop -- as above
    await own.update(kept, { runtime: RUNTIME, handler: `${built.name}.handler` });
    // oxlint-disable-next-line no-await-in-loop -- as above
    const version = await own.publish(`lava ${VERSION} s3://${kept.bucket}/${kept.key}`);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await probe(built.name, version, own);
    const before = previous === version ? target?.before : previous;
    done.push({
      change: { ...change, outcome: "deployed", version, previous: before },
      move: () => own.moveAlias(alias, { version, before }),
    });
  }
  for (const { move } of done) {
    // oxlint-disable-next-line no-await-in-loop -- few
    await move?.();
  }
  return done.map(({ change }) => change);
}

/** @throws {LavaError} FUNCTION_BROKEN for a version that cannot be loaded or called */
async function probe(
  name: BuiltFunction["name"],
  version: string,
  own: FunctionApi,
): Promise<void> {
  const expected = PROBES[name];
  const thrown = expected === undefined ? undefined : await own.call(version, { Records: [] });
  if (thrown === undefined || expected?.test(thrown) === true) return;
  throw new LavaError("FUNCTION_BROKEN", `Version ${version} of ${own.name} fails: ${thrown}`, {
    hint: "No alias was moved. Look at the environment of the function: LAVA_REALM has to be set.",
  });
}

/**
 * Points the alias of each function to the version before, and gives `$LATEST`, which callers without the alias have,
 * the code of that version.
 *
 * @throws {LavaError} NOTHING_TO_ROLL_BACK
 */
export async function rollBackFunctions(
  functions: readonly FunctionApi[],
  { alias, dryRun }: { readonly alias: string; readonly dryRun: boolean },
): Promise<FunctionChange[]> {
  const planned = await Promise.all(
    functions.map(async (own) => ({ own, target: await own.alias(alias) })),
  );
  if (planned.every(({ target }) => target?.before === undefined)) {
    throw new LavaError(
      "NOTHING_TO_ROLL_BACK",
      `No function has a version before the one that its alias ${alias} points to`,
      { hint: "One deployment can be undone, and once." },
    );
  }
  const changes: FunctionChange[] = [];
  for (const { own, target } of planned) {
    const { version, before } = target ?? {};
    const change = { function: own.name, version, previous: undefined, code: undefined };
    if (before === undefined) {
      changes.push({ ...change, outcome: target === undefined ? "missing" : "unchanged" });
      continue;
    }
    if (!dryRun) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await own.moveAlias(alias, { version: before, before: undefined });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await restoreLatest(own, before);
    }
    changes.push({ ...change, outcome: "restored", version: before, previous: version });
  }
  return changes;
}

/** @throws {LavaError} FUNCTION_NOT_UPDATED where the code of the version cannot be had */
async function restoreLatest(own: FunctionApi, version: string): Promise<void> {
  const settings = await own.settings(version);
  const { Description = "", Runtime = RUNTIME, Handler = "" } = settings ?? {};
  const [, bucket, key] = /^lava \S+ s3:\/\/([^/]+)\/(.+)$/.exec(Description) ?? [];
  const target = { runtime: Runtime, handler: Handler };
  if (bucket !== undefined && key !== undefined) {
    await own.update({ bucket, key }, target);
    return;
  }
  const url = await own.codeUrl(version);
  const response = url === undefined ? undefined : await fetch(url);
  if (response?.ok !== true) {
    throw new LavaError(
      "FUNCTION_NOT_UPDATED",
      `The code of version ${version} of ${own.name} cannot be fetched; its alias has moved all the same`,
      {
        hint: "Callers that use the alias are served; those that do not still get the newer code.",
      },
    );
  }
  await own.update({ archive: new Uint8Array(await response.arrayBuffer()) }, target);
}

/** Puts the code where the layout has it, and a copy that no later build of the same version replaces. */
async function upload(built: BuiltFunction, s3: S3Client, place: CodePlace): Promise<void> {
  const { HeadObjectCommand, PutObjectCommand, NotFound } = await import("@aws-sdk/client-s3");
  const { bucket: Bucket, prefix } = place;
  const etag = `"${createHash("md5").update(built.archive).digest("hex")}"`;
  for (const Key of [keptKey(built.sha256, built, place), `${prefix}${built.file}`]) {
    // oxlint-disable-next-line no-await-in-loop -- two
    const there = await s3.send(new HeadObjectCommand({ Bucket, Key })).catch((error: unknown) => {
      if (error instanceof NotFound) return undefined;
      throw error;
    });
    if (there?.ETag === etag || there?.Metadata?.["sha256"] === built.sha256) continue;
    const Metadata = { sha256: built.sha256 };
    // oxlint-disable-next-line no-await-in-loop -- two
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: built.archive, Metadata }));
  }
}

function keptKey(sha256: string, { name }: BuiltFunction, { prefix }: CodePlace): string {
  const short = Buffer.from(sha256, "base64").toString("hex").slice(0, 16);
  return `${prefix}deployed/${name}-${short}.zip`;
}
