import { LavaError, quoteShellWord } from "@lava/core";
import { toS3Location } from "../s3-file.ts";

/**
 * The `sqlite3` wrapper (CON-sqlite3-03): the client with `-bail -batch`, its arguments before the database. A
 * database in S3 is fetched with the `aws` command and put back when its content changed, unless the object was
 * changed by somebody else in the meantime. Ends with the client's status.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export function sqlite3Script(host: string): string {
  if (/['"\\]/.test(host)) {
    throw new LavaError("BAD_CONNECTION_RECORD", "Invalid database file (host parameter)", {
      retry: "never",
    });
  }
  const location = toS3Location(host);
  if (location === undefined) {
    return `#!/bin/bash\nexec sqlite3 -bail -batch "$@" ${quoteShellWord(host)}\n`;
  }
  return `#!/bin/bash
bucket=${quoteShellWord(location.bucket)}
key=${quoteShellWord(location.key)}
tmp=$(mktemp -d) || exit 1
trap '/bin/rm -rf "$tmp"' EXIT
db="$tmp/db.sqlite3"

etag=$(aws s3api get-object --bucket "$bucket" --key "$key" --query ETag --output text "$db") || exit 1
before=$(cksum < "$db")

sqlite3 -bail -batch "$@" "$db" || exit $?

[ "$(cksum < "$db")" == "$before" ] && exit 0
now=$(aws s3api head-object --bucket "$bucket" --key "$key" --query ETag --output text) || exit 1
if [ "$now" != "$etag" ]
then
    echo "s3://$bucket/$key was changed by somebody else since it was read" >&2
    exit 1
fi
aws s3 cp --only-show-errors --sse AES256 "$db" "s3://$bucket/$key"
`;
}
