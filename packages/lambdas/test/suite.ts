import { type EmulatedAws, emulatedAws } from "@lava/testing";
import { afterAll, beforeAll } from "vitest";

/** One endpoint for all tests of a file; call it at the top, use the result inside tests. */
export function sharedAws(): () => EmulatedAws {
  let aws: EmulatedAws | undefined;
  beforeAll(async () => {
    aws = await emulatedAws();
  });
  afterAll(() => aws?.[Symbol.asyncDispose]());
  return () => {
    if (aws === undefined) throw new Error("The endpoint is there only inside tests");
    return aws;
  };
}
