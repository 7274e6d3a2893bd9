/** Policy rules: `ip rule`. */
import type { MessageExtras } from '../codec/message.js';
import type { DumpOptions } from '../netlink/dump.js';
import type { WriteResult } from '../netlink/pending.js';
import type { DumpStream } from '../netlink/stream.js';
import { fibmsg, type Rule } from '../rtnl/fibmsg.js';
import { RouteSocket, type WriteOptions } from './base.js';
import { dumpArray, dumpStream } from './dumps.js';
import { deletable, exactly, isDefault } from './rule-exact.js';
import { type RuleChange, type RuleFilter, type RuleSpec, ruleRequest, ruleTable } from './rule-request.js';
import { badCommand, flushFilter } from './select.js';

/** A rule as the kernel has it, and what could not be decoded of it. */
export type RuleRow = Rule & MessageExtras;

export abstract class RuleVerbs extends RouteSocket {
  /** All rules, or those that match. */
  rule(cmd: 'dump' | 'show', filter?: RuleFilter, options?: DumpOptions): Promise<RuleRow[]>;
  /** Adds a rule, or deletes the first that has all the properties given. */
  rule(cmd: RuleChange, spec: RuleSpec | RuleRow, options?: WriteOptions): Promise<WriteResult<RuleRow>>;
  async rule(
    cmd: RuleChange | 'dump' | 'show',
    spec: RuleSpec | RuleRow | RuleFilter = {},
    options?: WriteOptions & DumpOptions,
  ): Promise<WriteResult<RuleRow> | RuleRow[]> {
    switch (cmd) {
      case 'dump':
      case 'show':
        return this.getRules(spec as RuleFilter, options);
      case 'add':
      case 'del':
        return this.write(ruleRequest(cmd, spec as RuleSpec), options, options?.echo ? fibmsg : undefined);
      default:
        throw badCommand(cmd, ['add', 'del', 'dump']);
    }
  }

  /** All rules of all families, or those that match; in the order in which they are tried, family by family. */
  async getRules(filter?: RuleFilter, options?: DumpOptions): Promise<RuleRow[]> {
    return dumpArray(this, ruleTable(filter), options);
  }

  /** The same as a stream. */
  rules(filter?: RuleFilter, options?: DumpOptions): DumpStream<RuleRow> {
    return dumpStream(this, 'RTM_GETRULE', () => ruleTable(filter), options);
  }

  /**
   * Deletes the rules that match and no others; `{ all: true }` means every one. The kernel's three default rules
   * (priorities 0, 32766, 32767) stay unless the filter names `priority`. Resolves to how many. Throws InputError
   * (ERR_CONFLICT) before anything is deleted where the kernel cannot delete a rule without taking another one first.
   */
  async flushRules(filter: RuleFilter | { all: true }, options?: DumpOptions): Promise<number> {
    const wanted = flushFilter(filter) as RuleFilter;
    const named = typeof wanted === 'object' && ('priority' in wanted || 'pref' in wanted);
    const { wanted: matches, ...table } = ruleTable(wanted);
    const all = await dumpArray(this, { ...table, wanted: undefined }, options);
    const gone = all.filter((row) => (matches === undefined || matches(row)) && (named || !isDefault(row)));
    return this.flush(
      deletable(gone, all).map((row) => ruleRequest('del', exactly(row))),
      options,
      ['ENOENT'],
    );
  }
}
