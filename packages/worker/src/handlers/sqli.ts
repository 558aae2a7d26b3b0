import { type Data, LavaError } from "@lava/core";
import { defineHandler } from "../handler.ts";
import { runSql, type SqlPiece } from "../sql/run-sql.ts";

/** `sqli`: runs SQL that is written in the job itself (JOB-sqli-01..03). */
export const sqli = defineHandler({
  type: "sqli",
  async run(job, context) {
    const output = await runSql(job, toPieces(job.payload), context);
    return { exit_status: 0, output };
  },
});

function toPieces(payload: Data): SqlPiece[] {
  if (typeof payload === "string") return [{ name: "0", text: payload, path: ["payload"] }];
  if (!Array.isArray(payload)) throw bad("Bad payload: must be string or list of strings");
  return payload.map((text: Data, index) => {
    if (typeof text === "string") return { name: String(index), text, path: ["payload", index] };
    throw bad(`Bad payload: entry ${index}: must be string`);
  });
}

function bad(message: string): LavaError {
  return new LavaError("BAD_PAYLOAD", message, { retry: "never" });
}
