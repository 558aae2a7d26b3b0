import { DecimalValue, FloatValue, parseDuration, parseSize } from "@lava/core";
import { expect, test } from "vitest";
import { argument, data, duration, isData, mailAddress, s3Location, size } from "./scalars.ts";

test.each(["10m", "1.5h", ".5h", "1e2", " 3 d ", "+2w", "0", 30, 0.5])(
  "%j may be written as a duration, and core reads it (WK-175)",
  (value) => {
    expect(duration.parse(value)).toBe(value);
    expect(parseDuration(value)).toBeGreaterThanOrEqual(0);
  },
);

test.each(["10M", "ten", "-3m", "", "m", "1h30m", -1, null, true])(
  "%j may not be written as a duration",
  (value) => {
    expect(duration.safeParse(value).success).toBe(false);
  },
);

test.each(["100K", "2MiB", "1.5 GB", "10", 4096, "0B"])(
  "%j may be written as a size, and core reads it (WK-176)",
  (value) => {
    expect(size.parse(value)).toBe(value);
    expect(parseSize(value)).toBeGreaterThanOrEqual(0);
  },
);

test.each(["100k", "1.5", "2 mib", "-1", "", -1])("%j may not be written as a size", (value) => {
  expect(size.safeParse(value).success).toBe(false);
});

test("arguments become text, as handlers want them", () => {
  expect(argument.parse("x")).toBe("x");
  expect(argument.parse(3)).toBe("3");
  expect(argument.safeParse([1]).success).toBe(false);
});

test("a map may hold anything that a record can hold, and nothing else", () => {
  const value = { a: [1, 2n, null, "x", new FloatValue(1), new DecimalValue("1.5")], b: {} };

  expect(isData(value)).toBe(true);
  expect(data.parse(value)).toBe(value);
  expect(isData({ a: undefined })).toBe(false);
  expect(isData(() => 1)).toBe(false);
  expect(data.safeParse(undefined).success).toBe(false);
});

test("places and addresses have the form that AWS and mail servers want", () => {
  expect(s3Location.safeParse("s3://my-bucket").success).toBe(true);
  expect(s3Location.safeParse("s3://my-bucket/a/b").success).toBe(true);
  expect(s3Location.safeParse("s3://My_Bucket/a").success).toBe(false);
  expect(mailAddress.safeParse("Team <team@example.com>").success).toBe(true);
  expect(mailAddress.safeParse("team").success).toBe(false);
});
