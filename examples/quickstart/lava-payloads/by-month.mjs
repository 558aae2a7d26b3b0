#!/usr/bin/env node
// Means by month of the year, as JSON lines.
import { execFileSync } from "node:child_process";
import { DatabaseSync } from "node:sqlite";

const setting = (name) =>
  execFileSync(process.env.LAVA_CONN_SETTINGS, [name], { encoding: "utf8" });
const database = new DatabaseSync(setting("database"), { readOnly: true, timeout: 10_000 });
const rows = database
  .prepare(
    `SELECT month, round(sum(rain_mm) / count(DISTINCT year), 1) AS rain_mm, round(avg(high), 1) AS high,
       round(avg(low), 1) AS low FROM weather GROUP BY month ORDER BY month`,
  )
  .all();
for (const row of rows) console.log(JSON.stringify({ ...row, unit: setting("unit") }));
