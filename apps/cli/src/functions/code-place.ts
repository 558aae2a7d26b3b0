import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorText, isMap, LavaError } from "@lava/core";
import type { CliContext } from "../command.ts";
import { VERSION } from "../version.ts";

/** Where the code of functions lies in S3. */
export interface CodePlace {
  readonly bucket: string;
  /** Without a slash at its beginning, with one at its end; "" for a whole bucket. */
  readonly prefix: string;
  /** The account that it has to be, where somebody has said so (OPS-032). */
  readonly account: string | undefined;
}

/** Options of {@link findCodePlace}. */
export interface CodePlaceOptions {
  /** `s3://<s3CodeBucket>/<s3CodePrefix>`. */
  readonly code?: string;
  /** File of deployments; `deploy.yaml` where there is one. */
  readonly file?: string;
  readonly env?: string;
}

/**
 * The place for the code of functions in the layout of the code bucket (OPS-043): below the bucket and prefix that were
 * named, or as the file of deployments has it for the environment (OPS-033).
 *
 * @throws {LavaError} NO_CODE_PLACE, BAD_DEPLOY_FILE
 */
export async function findCodePlace(
  { code, file, env }: CodePlaceOptions,
  context: CliContext,
): Promise<CodePlace> {
  if (code !== undefined) {
    return { ...locationOf(`${code.replace(/\/+$/, "")}/_dist_/lambda/`), account: undefined };
  }
  const path = resolve(context.cwd, file ?? "deploy.yaml");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (file !== undefined) throw badFile(file, errorText(error));
    throw new LavaError("NO_CODE_PLACE", "Where does the code of the functions go?", {
      kind: "usage",
      hint: "Give --code s3://BUCKET/PREFIX, the code bucket of the realm's stack, or have a deploy.yaml here.",
    });
  }
  return await fromFile(text, file ?? "deploy.yaml", env, context);
}

async function fromFile(
  text: string,
  file: string,
  env: string | undefined,
  context: CliContext,
): Promise<CodePlace> {
  const { readYaml } = await import("@lava/framework");
  const { data, errors } = readYaml(text);
  const [fault] = errors;
  if (fault !== undefined) throw badFile(file, fault.message);
  if (env === undefined) throw badFile(file, "which environment? give --env");
  const found = isMap(data) ? data[env] : undefined;
  if (!isMap(found)) throw badFile(file, `it has no environment ${env}`);
  const own = isMap(found["lambda"]) ? found["lambda"]["s3"] : undefined;
  if (typeof own !== "string") throw badFile(file, `${env} has no lambda.s3`);
  const base = isMap(found["_"]) ? found["_"]["s3base"] : undefined;
  const account = found["account_id"];
  if (typeof account !== "string") {
    throw badFile(file, `account_id of ${env} must be text, in quotes`);
  }
  const expand = (written: string): string =>
    written.replace(/\$\{(\w+)\}|\$(\w+)/g, (_whole, braced?: string, bare?: string) => {
      const name = braced ?? bare ?? "";
      return name === "version" ? VERSION : (context.env[name] ?? "");
    });
  if (!own.startsWith("s3://") && typeof base !== "string") {
    throw badFile(file, `lambda.s3 of ${env} begins with no s3://, and there is no _.s3base`);
  }
  const whole = own.startsWith("s3://") ? own : `s3://${String(base)}/${own}`;
  return { ...locationOf(`${expand(whole).replace(/\/+$/, "")}/`), account };
}

/** @throws {LavaError} BAD_OPTIONS */
function locationOf(uri: string): Pick<CodePlace, "bucket" | "prefix"> {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/+(.*)$/.exec(uri) ?? [];
  if (bucket !== undefined && prefix !== undefined) return { bucket, prefix };
  throw new LavaError("BAD_OPTIONS", `${uri} is no place in S3`, {
    kind: "usage",
    hint: "s3://BUCKET or s3://BUCKET/PREFIX",
  });
}

function badFile(file: string, reason: string): LavaError {
  return new LavaError("BAD_DEPLOY_FILE", `${file}: ${reason}`, {
    kind: "usage",
    hint: "docs/guide/lambdas.md shows what such a file has.",
  });
}
