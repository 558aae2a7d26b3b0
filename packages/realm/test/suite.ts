import { afterAll, beforeAll } from "vitest";
import { type TestAws, testAws } from "./fixture.ts";

/** One endpoint for all tests of a file; call it at the top, use the result inside tests. */
export function sharedAws(): () => TestAws {
  let aws: TestAws | undefined;
  beforeAll(async () => {
    aws = await testAws();
  });
  afterAll(() => aws?.[Symbol.asyncDispose]());
  return () => {
    if (aws === undefined) throw new Error("The endpoint is there only inside tests");
    return aws;
  };
}
