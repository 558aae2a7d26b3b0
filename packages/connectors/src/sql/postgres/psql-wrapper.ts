import { isTruthy, quoteShellWord } from "@lava/core";
import type { Wrapper } from "../../connector.ts";
import { pythonText } from "../../python-text.ts";
import type { SqlSpec } from "../sql-spec.ts";

/** Characters of a line of a password file that all versions of the client read. */
const LINE = 300;

/**
 * The `psql` wrapper (CON-postgres-03 to 05): the password is in a file of mode 0600 that the client reads by itself;
 * those that are too long for it (tokens) go into the client's environment.
 */
export function psqlWrapper(spec: SqlSpec, applicationName: string | undefined): Wrapper {
  const { host, port, user, password, database = "", fields } = spec;
  const ssl = isTruthy(fields["ssl"]);
  const where = [host, String(port), database, user, password];
  const line = where.map((part) => part.replace(/[\\:]/g, "\\$&")).join(":");
  const isLong = line.length > LINE;
  const client = [
    "psql",
    `-h ${quoteShellWord(host)}`,
    `-p ${port}`,
    `-d ${quoteShellWord(database)}`,
    `-U ${quoteShellWord(user)}`,
    `--no-psqlrc --set=sslmode=${ssl ? "require" : "prefer"}`,
    '--quiet --set ON_ERROR_STOP=on --pset footer=off "$@"',
  ].join(" ");
  const script = [
    "#!/bin/bash",
    'dir="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"',
    isLong
      ? 'PGPASSWORD="$(cat "$dir/.pgpass")" && export PGPASSWORD'
      : 'export PGPASSFILE="$dir/.pgpass"',
    `export PGSSLMODE=${sslMode(fields, ssl)}`,
    ...(isTruthy(fields["ca_cert"])
      ? [`export PGSSLROOTCERT=${quoteShellWord(pythonText(fields["ca_cert"] ?? null))}`]
      : []),
    ...(applicationName === undefined
      ? []
      : [`[ -n "\${PGAPPNAME+set}" ] || export PGAPPNAME=${quoteShellWord(applicationName)}`]),
    `[ ! -t 0 ] || exec ${client}`,
    // A client that is ended says nothing to the server, which goes on; interrupted, it stops the statement there first.
    "trap '' TERM",
    `${client} <&0 &`,
    "client=$!",
    `trap 'kill -INT "$client" 2>/dev/null' TERM`,
    'while wait "$client"; status=$?; kill -0 "$client" 2>/dev/null; do :; done',
    'exit "$status"',
    "",
  ];
  return {
    command: "psql",
    files: [
      { name: ".pgpass", content: isLong ? password : `${line}\n`, mode: 0o600 },
      { name: "psql", content: script.join("\n"), mode: 0o700 },
    ],
  };
}

function sslMode(fields: SqlSpec["fields"], ssl: boolean): string {
  if (!ssl) return "prefer";
  const verify = fields["ssl_verify"] ?? (isTruthy(fields["ca_cert"]) ? "ca" : "none");
  return verify === "full" ? "verify-full" : verify === "ca" ? "verify-ca" : "require";
}
