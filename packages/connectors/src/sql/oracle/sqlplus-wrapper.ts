import { LavaError, quoteShellWord } from "@lava/core";
import type { Wrapper } from "../../connector.ts";
import { pythonText } from "../../python-text.ts";
import type { SqlSpec } from "../sql-spec.ts";

/**
 * The `sqlplus` wrapper (CON-oracle-03): the client starts without a login and runs a script of mode 0600 that
 * connects and then does what the arguments say, so that the process list shows no password.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export function sqlplusWrapper(spec: SqlSpec, dsn: string): Wrapper {
  const { user, password, fields } = spec;
  if (/["\r\n]/.test(`${user}${password}`)) {
    throw new LavaError(
      "BAD_CONNECTION_RECORD",
      "User and password of Oracle cannot have double quotes or line ends",
      { retry: "never" },
    );
  }
  const edition =
    fields["edition"] === undefined ? "" : `-C ${quoteShellWord(pythonText(fields["edition"]))} `;
  const login = [
    "set define off",
    "whenever sqlerror exit failure",
    `connect "${user}"/"${password}"@"${dsn}"`,
    "whenever sqlerror continue none",
    "set define on",
    "",
  ].join("\n");
  const script = `#!/bin/bash
dir="$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)"
umask 077
start="$(mktemp "$dir/start.XXXXXXXX")" && mv "$start" "$start.sql" && start="$start.sql" || exit 1
trap '/bin/rm -f "$start"' EXIT
cat "$dir/login.sql" > "$start"
if [ $# -gt 0 ]
then
    { printf '%s' "$1"; shift; for word in "$@"; do printf ' "%s"' "\${word//\\"/}"; done; echo; } >> "$start"
fi
sqlplus -NOLOGINTIME -L -S ${edition}/nolog "@$start"
`;
  return {
    command: "sqlplus",
    files: [
      { name: "login.sql", content: login, mode: 0o600 },
      { name: "sqlplus", content: script, mode: 0o700 },
    ],
  };
}
