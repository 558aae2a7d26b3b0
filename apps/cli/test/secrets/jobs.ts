import type { DataMap } from "@lava/core";

/** A job, and how its run is to end. */
export interface SecretJob {
  readonly job: DataMap & { readonly job_id: string };
  readonly status: "complete" | "failed";
}

/** Opens each client of a connection once; stops in the middle, so that its files can be looked at. */
const CLIENTS = `#!/bin/bash
set -eu
"$LAVA_CONN_PG" -Atc 'select 1'
"$LAVA_CONN_PGSECRET" -Atc 'select 2'
"$LAVA_CONN_MY" -e 'select 3'
"$LAVA_CONN_SSH" -p "$FAR_PORT" "$FAR" echo 4
echo 5 > five
"$LAVA_CONN_SCP" -q -P "$FAR_PORT" five "$FAR:$HOME/five"
echo 'ls' | "$LAVA_CONN_SFTP" -q -P "$FAR_PORT" -b - "$FAR" > listing
"$LAVA_CONN_GIT" ls-remote "$REPOSITORY"
touch "$FOLDER/ready"
while [ ! -e "$FOLDER/go" ]; do sleep 0.05; done
"$LAVA_CONN_SMB" put five "$SHARE:five"
"$LAVA_CONN_SMB" get "$SHARE:five" back
echo hello | "$LAVA_CONN_MAIL" --to a@x.org -s hello
echo hello | "$LAVA_CONN_CHAT"
"$LAVA_CONN_SITE" put-doc five Documents:/five.txt
key=$("$LAVA_CONN_KEYS" api_key)
test -n "$key"
"$LAVA_CONN_AWS" --version
"$LAVA_CONN_MYFILE" -e 'select 6'
# Nobody made the server of this test take tokens.
"$LAVA_CONN_PGIAM" -Atc 'select 7' || true
"$LAVA_CONN_ROLE" sts get-caller-identity | grep assumed-role
`;

/** Fails after it has used secrets; what it says comes from the clients. */
const FAULTS = `#!/bin/bash
"$LAVA_CONN_PGWRONG" -Atc 'select 1'
"$LAVA_CONN_PG" -Atc 'select nonsense'
"$LAVA_CONN_MY" -e 'select nonsense'
"$LAVA_CONN_SSH" -p "$FAR_PORT" "nobody-at-all@127.0.0.1" true
"$LAVA_CONN_GIT" clone "$REPOSITORY-not-there"
exit 3
`;

/** Shows secrets as a payload may that is badly written: what the search has to find. */
export const LEAKING = `#!/bin/bash
key=$("$LAVA_CONN_KEYS" api_key)
bash -c 'sleep 1; true' bash "$key"
printf '%s' "$key" | base64 -w0
printf '%s' "$key" > "$FOLDER/jobs/kept"
`;

/** Payload objects of the jobs. */
export const payloads = {
  "clients.sh": CLIENTS,
  "faults.sh": FAULTS,
  "leaking.sh": LEAKING,
  "query.sql": "select 1 as one;\n",
};

/** Jobs of the kinds that open connections, with good ends and bad ones, and actions that open some. */
export function secretJobs(
  places: Readonly<Record<string, string>>,
  bucket: string,
): readonly SecretJob[] {
  const job = (job_id: string, type: string, more: DataMap): SecretJob["job"] => ({
    job_id,
    type,
    worker: "core",
    enabled: true,
    ...more,
  });
  const script = (connections: DataMap) => ({ connections, env: { ...places }, timeout: "2m" });
  const all = {
    pg: "pg",
    pgsecret: "pg-secret",
    pgwrong: "pg-wrong",
    pgiam: "pg-iam",
    my: "my",
    myfile: "my-file",
    ssh: "ssh",
    scp: "scp",
    sftp: "sftp",
    git: "git",
    smb: "smb",
    mail: "mail",
    chat: "chat",
    site: "site",
    keys: "keys",
    aws: "aws",
    role: "role",
  };
  return [
    {
      job: job("clients", "exe", {
        payload: "clients.sh",
        parameters: script(all),
        on_success: [
          { action: "email", email_conn: "mail", to: "a@x.org", subject: "s", message: "m" },
          { action: "slack", slack_conn: "chat", message: "m" },
        ],
      }),
      status: "complete",
    },
    {
      job: job("faults", "exe", { payload: "faults.sh", parameters: script(all) }),
      status: "failed",
    },
    {
      job: job("sql", "sqli", {
        payload: ["select 1 as one"],
        parameters: { conn_id: "pg" },
      }),
      status: "complete",
    },
    {
      job: job("sql-wrong", "sqli", { payload: ["select 1"], parameters: { conn_id: "pg-wrong" } }),
      status: "failed",
    },
    {
      job: job("sql-client", "sqlc", {
        payload: "query.sql",
        parameters: { conn_id: "pg-secret" },
      }),
      status: "complete",
    },
    {
      job: job("container", "docker", {
        payload: places["IMAGE"] ?? "",
        parameters: {
          docker: "registry",
          connections: { keys: "keys", pg: "pg" },
          command: "sh -c 'ls; exit 0'",
        },
      }),
      status: "complete",
    },
    {
      job: job("no-login", "docker", {
        payload: places["IMAGE"] ?? "",
        parameters: { docker: "registry-wrong" },
      }),
      status: "failed",
    },
    {
      job: job("smb-put", "smb_put", {
        payload: "-",
        parameters: {
          conn_id: "smb",
          file: "not-there.txt",
          share_name: places["SHARE"] ?? "",
          path: "/x",
        },
      }),
      status: "failed",
    },
    {
      job: job("document", "sharepoint_get_doc", {
        payload: "-",
        parameters: {
          conn_id: "site",
          library: "Documents",
          path: "/none.txt",
          file: `s3://${bucket}/out/none.txt`,
        },
      }),
      status: "failed",
    },
  ];
}
