#!/usr/bin/env node
// The hottest, coldest, wettest and windiest day between two years.
import { parseArgs } from "node:util";
import { readReadings } from "./lib/readings.mjs";

const { values } = parseArgs({ options: { from: { type: "string" }, to: { type: "string" } } });
const readings = readReadings(new URL("seattle-weather.csv", import.meta.url)).filter(
  ({ date }) => date.slice(0, 4) >= values.from && date.slice(0, 4) <= values.to,
);
const most = (field, sign = 1) =>
  readings.reduce((best, day) => (sign * day[field] > sign * best[field] ? day : best));
const { date, ...hottest } = most("temp_max");
console.log(`hottest  ${date}  ${hottest.temp_max} C`);
console.log(`coldest  ${most("temp_min", -1).date}  ${most("temp_min", -1).temp_min} C`);
console.log(`wettest  ${most("precipitation").date}  ${most("precipitation").precipitation} mm`);
console.log(`windiest ${most("wind").date}  ${most("wind").wind} m/s`);
