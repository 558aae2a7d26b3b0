import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { isTruthy, LavaError, quoteShellWord } from "@lava/core";
import type { Wrapper } from "../../connector.ts";
import { pythonText } from "../../python-text.ts";
import type { SqlSpec } from "../sql-spec.ts";

const run = promisify(execFile);

/** Which of the two clients the command `mysql` is. */
export type MysqlClientKind = "mysql" | "mariadb";

const kinds = new Map<string, Promise<MysqlClientKind>>();

/** Asks `mysql --version`, once for each PATH. @throws {LavaError} NO_CLIENT_PROGRAM */
export function mysqlClientKind(path: string | undefined): Promise<MysqlClientKind> {
  const key = path ?? "";
  const known = kinds.get(key);
  if (known !== undefined) return known;
  const asked = (async () => {
    try {
      const { stdout } = await run("mysql", ["--version"], { env: { PATH: path } });
      return /mariadb/i.test(stdout) ? "mariadb" : "mysql";
    } catch (error) {
      kinds.delete(key);
      throw new LavaError("NO_CLIENT_PROGRAM", "No mysql client available", {
        cause: error,
        hint: "Install the client of MySQL or MariaDB on the worker.",
      });
    }
  })();
  kinds.set(key, asked);
  return asked;
}

/** The `mysql` wrapper (CON-mysql-03): user and password are in a file of mode 0600. */
export function mysqlWrapper(spec: SqlSpec, kind: MysqlClientKind, isToken: boolean): Wrapper {
  const { host, port, user, password, database, fields } = spec;
  const ssl = isTruthy(fields["ssl"]);
  if (isToken && !ssl) {
    throw new LavaError(
      "BAD_CONNECTION_RECORD",
      "SSL is required with IAM database authentication",
      { retry: "never" },
    );
  }
  const config = `[client]\nuser=${optionValue(user)}\npassword=${optionValue(password)}\n`;
  const ca = isTruthy(fields["ca_cert"]) ? pythonText(fields["ca_cert"] ?? null) : undefined;
  const words = [
    'exec mysql --defaults-file="$dir/.mysql.conf" --batch',
    `--host=${quoteShellWord(host)} --port=${port} --connect-timeout=10`,
    ...(database ? [`--database=${quoteShellWord(database)}`] : []),
    ...(ssl ? [kind === "mysql" ? "--ssl-mode=required" : "--ssl"] : []),
    ...(ssl && ca !== undefined ? [`--ssl-ca=${quoteShellWord(ca)}`] : []),
    ...(isToken && kind === "mysql" ? ["--enable-cleartext-plugin"] : []),
    '"$@"',
  ];
  const script = `#!/bin/bash\ndir="$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)"\n${words.join(" ")}\n`;
  return {
    command: "mysql",
    files: [
      { name: ".mysql.conf", content: config, mode: 0o600 },
      { name: "mysql", content: script, mode: 0o700 },
    ],
  };
}

/** A value of an option file: in quotes, which keep `#` and blanks; backslashes are escapes there. */
function optionValue(value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
