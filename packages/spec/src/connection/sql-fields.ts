import * as z from "zod";
import { duration, flag, positive, text } from "../scalars.ts";
import { fieldsOrSecret } from "./secret-fields.ts";

/** Fields of connections to all databases; a secret may supply those that are left out (CON-all-07). */
export const sqlFields = {
  host: text.optional().describe("Host name or address of the server."),
  port: positive.optional().describe("Port of the server."),
  user: text.optional().describe("User name."),
  password: text
    .optional()
    .describe("Name of the SSM parameter with the password; never the password itself."),
  secret_id: text
    .optional()
    .describe("Secret of AWS Secrets Manager (JSON) that supplies the fields left out here."),
  database: text.optional().describe("Name of the database."),
  "x-lava-password-file": text
    .optional()
    .describe("File of the worker with the password, as containers have them; read each time."),
  "x-lava-secret-file": text
    .optional()
    .describe(
      "File of the worker (JSON) that supplies the fields left out here, as secret_id does.",
    ),
  preserve_case: flag
    .optional()
    .describe("Whether db_from_s3 keeps the case of names that it quotes. Default: false."),
};

/** A strict map of a database's fields: host and port are needed unless a secret supplies them (CON-all-08). */
export function databaseFields<S extends z.ZodRawShape>(shape: S) {
  return fieldsOrSecret(shape, ["host", "port"]);
}

/** Fields about TLS that the original's worker ignores. */
const tlsFields = {
  ssl_verify: z
    .enum(["none", "ca", "full"])
    .optional()
    .describe(
      "How far the server's certificate is checked: not at all, its chain, or the host's name too. Default: ca with ca_cert, else none.",
    ),
  ca_cert: text.optional().describe("File of the worker with the certificate of the server's CA."),
};

/** Fields of the postgres family (CON-postgres-01). */
export const postgresFields = databaseFields({
  ...sqlFields,
  ssl: flag.optional().describe("Whether TLS is used. Default: false."),
  ...tlsFields,
  subtype: z
    .enum(["pg8000", "pygresql"])
    .optional()
    .describe("Driver of the Python worker; of no effect here."),
});

/** Fields of the redshift family (CON-redshift-01). */
export const redshiftFields = {
  ...sqlFields,
  ssl: flag.optional().describe("Whether TLS is used. Default: false."),
  ...tlsFields,
  subtype: z
    .enum(["pg8000", "pygresql", "redshift"])
    .optional()
    .describe("Driver of the Python worker; of no effect here."),
  password_duration: duration
    .optional()
    .describe("How long temporary credentials are good for. Default: RS_PASSWORD_DURATION (15m)."),
};

/** Fields of the mysql family (CON-mysql-01). */
export const mysqlFields = databaseFields({
  ...sqlFields,
  ssl: flag
    .optional()
    .describe("Whether TLS is used; needed for IAM authentication. Default: false."),
  ...tlsFields,
  subtype: z
    .enum(["pymysql"])
    .optional()
    .describe("Driver of the Python worker; of no effect here."),
});

/** Fields of the oracle family (CON-oracle-01). */
export const oracleFields = databaseFields({
  ...sqlFields,
  service_name: text.optional().describe("Service name of the database."),
  sid: text.optional().describe("System identifier of the database. Old name: database."),
  edition: text.optional().describe("Oracle version to be compatible with, x.y[.z]."),
  subtype: z
    .enum(["cx_oracle"])
    .optional()
    .describe("Driver of the Python worker; of no effect here."),
});
