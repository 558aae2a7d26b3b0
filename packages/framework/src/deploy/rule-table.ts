import { type DataMap, LavaError } from "@lava/core";
import type { RuleStore } from "@lava/realm";
import { sameData, withoutTracking } from "./compare.ts";
import type { ItemTable } from "./item-table.ts";
import { itemOfRule, parseRuleId, ruleIdOf, ruleOfItem } from "./rule-item.ts";

/**
 * EventBridge's rules as if they were a table. EventBridge has no conditional writes: what is there is looked at
 * right before the write, which leaves a moment in which somebody else's change would be lost.
 */
export function ruleTable(rules: RuleStore): ItemTable {
  const getItem = async (id: string): Promise<DataMap | undefined> => {
    const { bus, name } = parseRuleId(id);
    const rule = await rules.get(bus, name);
    return rule === undefined ? undefined : itemOfRule(rule);
  };
  const check = async (id: string, expected: DataMap | null): Promise<void> => {
    const now = await getItem(id);
    const same =
      now === undefined || expected === null
        ? now === undefined && expected === null
        : sameData(withoutTracking(now), withoutTracking(expected));
    if (same) return;
    throw new LavaError("RECORD_CHANGED", `The rule ${id} has been changed since it was read`, {
      hint: "Plan again and look at what has changed.",
    });
  };
  return {
    getItem,
    async put(item, { expected }) {
      await check(ruleIdOf(item), expected);
      await rules.put(ruleOfItem(item));
    },
    async delete(id, { expected }) {
      await check(id, expected);
      const { bus, name } = parseRuleId(id);
      await rules.delete(bus, name);
    },
  };
}
