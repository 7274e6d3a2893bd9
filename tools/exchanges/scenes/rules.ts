/** Rules of routing. */
import type { Scene } from '../scene.js';

export const rules: Scene = {
  name: 'rules',
  async run(s) {
    await s.do('the rules of a new namespace', (ipr) => ipr.getRules());
    await s.do('IPv4 rules', (ipr) => ipr.getRules({ family: 2 }));
    await s.do('IPv6 rules', (ipr) => ipr.getRules({ family: 10 }));
    await s.do('by source', (ipr) => ipr.rule('add', { src: '10.0.0.0/8', table: 100, priority: 100 }));
    await s.do('the same', (ipr) => ipr.rule('add', { src: '10.0.0.0/8', table: 100, priority: 100 }));
    await s.do('by destination', (ipr) => ipr.rule('add', { dst: '10.1.0.0/16', table: 100, priority: 101 }));
    await s.do('without a priority', (ipr) => ipr.rule('add', { table: 100 }));
    await s.do('another without a priority', (ipr) => ipr.rule('add', { table: 101 }));
    await s.do('by mark', (ipr) => ipr.rule('add', { fwmark: '0x10/0xff', table: 100, priority: 200 }));
    await s.do('by interface', (ipr) => ipr.rule('add', { iifname: 'lo', table: 100, priority: 201 }));
    await s.do('by absent interface', (ipr) => ipr.rule('add', { oifname: 'absent', table: 100, priority: 202 }));
    await s.do('by tos', (ipr) => ipr.rule('add', { tos: 0x10, table: 100, priority: 203 }));
    await s.do('by ports', (ipr) => ipr.rule('add', { ipProto: 'tcp', dport: 80, table: 100, priority: 204 }));
    await s.do('by users', (ipr) => ipr.rule('add', { uidRange: '1000-2000', table: 100, priority: 205 }));
    await s.do('with a protocol', (ipr) => ipr.rule('add', { table: 1000, priority: 206, protocol: 'bgp' }));
    await s.do('blackhole', (ipr) => ipr.rule('add', { action: 'blackhole', priority: 300, src: '10.9.0.0/16' }));
    await s.do('suppressed', (ipr) => ipr.rule('add', { table: 'main', suppressPrefixlen: 0, priority: 301 }));
    await s.do('not', (ipr) => ipr.rule('add', { not: true, iifname: 'lo', table: 100, priority: 302 }));
    await s.do('goto', (ipr) => ipr.rule('add', { goto: 500, priority: 303 } as never));
    await s.do('the target of goto', (ipr) => ipr.rule('add', { table: 100, priority: 500 }));
    await s.do('IPv6', (ipr) => ipr.rule('add', { family: 10, src: '2001:db8::/32', table: 100, priority: 100 }));
    await s.do('all', (ipr) => ipr.getRules());
    await s.do('goto backwards', (ipr) => ipr.rule('add', { goto: 5, priority: 400 } as never));
    await s.do('not there', (ipr) => ipr.rule('del', { priority: 999, table: 100 }));
    await s.do('not there with that table', (ipr) => ipr.rule('del', { priority: 100, table: 333 }));
    await s.do('IPv6, not there', (ipr) => ipr.rule('del', { family: 10, priority: 999, table: 100 }));
    await s.do('the target goes', (ipr) => ipr.rule('del', { priority: 500, table: 100 }));
    await s.do('one goes', (ipr) => ipr.rule('del', { src: '10.0.0.0/8', table: 100, priority: 100 }));
    await s.do('one goes by its mark', (ipr) => ipr.rule('del', { fwmark: '0x10/0xff', table: 100, priority: 200 }));
    await s.do('IPv6 goes', (ipr) => ipr.rule('del', { family: 10, src: '2001:db8::/32', table: 100, priority: 100 }));
    await s.do('what is left', (ipr) => ipr.getRules({ family: 2 }));
    await s.run('ip rule add from 10.5.0.0/16 lookup 55');
    await s.run('ip rule add from 10.5.0.0/16 lookup 55 pref 32763');
    await s.run('ip rule del pref 12345');
    await s.run('ip rule show');
    await s.run('ip -6 rule del pref 12345');
  },
};
