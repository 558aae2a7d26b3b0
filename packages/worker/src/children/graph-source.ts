import { text } from "node:stream/consumers";
import { openS3Object, toS3Location } from "@lava/connectors";
import { type Data, errorText, LavaError, parseJson } from "@lava/core";
import type { JobContext } from "../handler.ts";

/**
 * The graph of a dag: its payload, or the JSON object that `x-lava-graph` names, for graphs that do not fit into the
 * 400 KB of a job's item (design 5).
 *
 * @throws {LavaError} BAD_GRAPH, NO_SUCH_OBJECT, S3_FAILED
 */
export async function readGraph({ job, realm }: Pick<JobContext, "job" | "realm">): Promise<Data> {
  const uri = job.record.raw["x-lava-graph"];
  if (uri === undefined || uri === null) return job.payload;
  const location = typeof uri === "string" ? toS3Location(uri) : undefined;
  if (location === undefined) throw bad("Bad x-lava-graph: must be s3://bucket/key");
  const { body } = await openS3Object(realm.clients, location);
  try {
    return parseJson(await text(body));
  } catch (cause) {
    throw bad(`Bad x-lava-graph: ${String(uri)}: ${errorText(cause)}`, cause);
  }
}

function bad(message: string, cause?: unknown): LavaError {
  return new LavaError("BAD_GRAPH", message, {
    cause,
    retry: "never",
    hint: "The object holds one JSON object: job id to the ids it depends on.",
  });
}
