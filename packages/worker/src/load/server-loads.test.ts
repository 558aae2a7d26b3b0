import { errorText } from "@lava/core";
import { expect, test } from "vitest";
import { auroraLoadSql } from "./mysql-target.ts";
import { redshiftAuthorization } from "./redshift-target.ts";
import { withoutExtensions } from "./table-names.ts";

const target = {
  objectName: (...parts: readonly string[]) =>
    parts
      .filter((part) => part !== "")
      .map((part) => `\`${part}\``)
      .join("."),
  columnNames: (columns: readonly string[]) =>
    columns.map((column) => `\`${column.split(" ")[0] ?? ""}\``),
};

function sql(args: readonly string[], more: object = {}): string {
  const request = {
    schema: "s",
    table: "t",
    source: { bucket: "b", key: "k/it's.csv" },
    args,
    columns: ["a int", "b text"],
    minSize: 0,
    keys: undefined,
    role: undefined,
    region: "ap-southeast-2",
    ...more,
  };
  try {
    return auroraLoadSql(request, target);
  } catch (error) {
    return errorText(error);
  }
}

test.each([
  [[], "LOAD DATA FROM S3 FILE 's3-ap-southeast-2://b/k/it\\'s.csv' INTO TABLE `s`.`t` (`a`,`b`)"],
  [
    [
      "PREFIX",
      "IGNORE",
      "PARTITION (p0)",
      "ENCODING utf8mb4",
      "DELIMITER ','",
      "QUOTE OPTIONAL '\"'",
      "ESCAPE '\\\\'",
      "TERMINATOR DOS",
      "HEADER 2",
    ],
    "LOAD DATA FROM S3 PREFIX 's3-ap-southeast-2://b/k/it\\'s.csv' IGNORE INTO TABLE `s`.`t` PARTITION (p0) CHARACTER SET utf8mb4 COLUMNS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '\\\\' LINES TERMINATED BY '\\r\\n' IGNORE 2 LINES (`a`,`b`)",
  ],
  [["FILE", "MANIFEST"], "Only one of FILE | PREFIX | MANIFEST allowed"],
  [["IGNORE", "REPLACE"], "Only one of IGNORE | REPLACE allowed"],
  [["DELIMITER ,"], "Usage: DELIMITER 'string'"],
  [["QUOTE x"], "Usage: QUOTE [OPTIONAL] 'char'"],
  [["ENCODING"], "Usage: ENCODING charset-name"],
  [["TERMINATOR x"], "Usage: TERMINATOR UNIX|DOS|'string'"],
  [["HEADER 1 2"], "Usage: HEADER [number]"],
  [["NOPE"], "Invalid COPY arguments: NOPE"],
])("mysql-aurora with %o (JOB-db_from_s3-34)", (args, text) => {
  expect(sql(args)).toBe(text);
});

test("a load into mysql-aurora without a region still names the key (JOB-db_from_s3-40)", () => {
  expect(sql([], { region: "" })).toContain("'s3://b/k/");
});

test("Redshift is told a role or keys (JOB-db_from_s3-39)", () => {
  const keys = { accessKeyId: "AK", secretAccessKey: "SK", sessionToken: "TK", region: "x" };

  expect(redshiftAuthorization("arn:r", keys)).toBe("IAM_ROLE 'arn:r'");
  expect(redshiftAuthorization(undefined, keys)).toBe(
    "ACCESS_KEY_ID 'AK' SECRET_ACCESS_KEY 'SK' SESSION_TOKEN 'TK'",
  );
  expect(() => redshiftAuthorization("it's", undefined)).toThrow(
    "Bad Redshift authorization component: must not contain quotes",
  );
  expect(() => redshiftAuthorization(undefined, undefined)).toThrow(
    "Either IAM role or access keys required",
  );
});

test.each([
  ["a/b/c.x.y", "a/b/c"],
  ["a.b/c", "a.b/c"],
  ["a/.c.x", "a/.c"],
  ["a/", "a/"],
])("%s without extensions is %s (T-24)", (key, name) => {
  expect(withoutExtensions(key)).toBe(name);
});
