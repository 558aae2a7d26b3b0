import { type Data, type DataMap, LavaError, parseJson } from "@lava/core";
import { toWireJson } from "@lava/spec";
import { dataMapOf, textOf } from "../marshal.ts";
import { isStorable } from "../to-storable.ts";

/** Bytes of parameters and globals that a run's item keeps, for a rerun. */
const MOST_SENT = 64 * 1024;

/** What the message of a run brought beside its names. */
export interface Sent {
  readonly parameters: DataMap;
  readonly globals: DataMap;
}

/** `x_sent` of a run's item: as it is, as JSON where an item cannot hold it, or a word that it was too large. */
export function writeSent({ parameters = {}, globals = {} }: Partial<Sent>): Data | undefined {
  const sent: DataMap = {
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...(Object.keys(globals).length === 0 ? {} : { globals }),
  };
  if (Object.keys(sent).length === 0) return undefined;
  const json = toWireJson(sent);
  if (json.length > MOST_SENT) return { left_out: true };
  return isStorable(sent) ? sent : { json };
}

/** Reads `x_sent`; undefined when it was too large to be kept. */
export function readSent(value: Data | undefined): Sent | undefined {
  const kept = dataMapOf(value);
  if (kept["left_out"] !== undefined) return undefined;
  const json = textOf(kept["json"]);
  const sent = json === undefined ? kept : dataMapOf(parse(json));
  return { parameters: dataMapOf(sent["parameters"]), globals: dataMapOf(sent["globals"]) };
}

function parse(json: string): Data {
  try {
    return parseJson(json);
  } catch (error) {
    if (error instanceof LavaError) return {};
    throw error;
  }
}
