/** The nsid message against the kernel's header and against what iproute2 and the kernel sent. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Writer } from '../../src/codec/writer.js';
import { nsidmsg } from '../../src/rtnl/nsidmsg.js';
import { missing, numbers } from './headers.js';
import { lines } from './tlv.js';

interface Golden {
  name: string;
  command: string;
  direction: string;
  type: string;
  hex: string;
}

const file = new URL('../../../test/golden/nsids.json', import.meta.url);
const golden = JSON.parse(readFileSync(fileURLToPath(file), 'utf8')) as Golden[];

t.test('every attribute has the name and number of the header', { skip: missing }, async (t) => {
  const known = [...numbers('net_namespace.h')].filter(
    ([name]) => name.startsWith('NETNSA_') && !/_(NONE|MAX|NOT_ASSIGNED)$/.test(name),
  );
  const ours = [...nsidmsg.table.compiled.byKey].map(([key, { id }]) => [nsidmsg.table.nameOf(key), id]);
  t.same(ours, known);
});

/** What a row says, by the command that caused it: `ip netns set NAME NUMBER`, of which the notification tells too. */
function expected({ command, direction, type }: Golden): unknown {
  const number = /^ip netns set \w+ (\w+)$/.exec(command)?.[1];
  if (number === 'auto') return direction === 'request' && type === 'RTM_NEWNSID' ? -1 : 0;
  return number === undefined ? undefined : Number(number);
}

t.test('golden rows are read, and written back the same', async (t) => {
  const w = new Writer();
  let told = 0;
  for (const row of golden) {
    const bytes = Buffer.from(row.hex, 'hex').subarray(16);
    const value = nsidmsg.decode(bytes, { strict: true });
    t.notOk('unknown' in value || 'rest' in value, row.name);
    t.ok(row.type in nsidmsg.types);
    const number = expected(row);
    if (number !== undefined) {
      t.equal(value.nsid, number, `${row.name}: ${number}`);
      told++;
    }
    w.reset();
    nsidmsg.write(w, value as never);
    t.same(lines(Buffer.from(w.bytes()), { header: 4 }), lines(bytes, { header: 4 }));
  }
  t.ok(told >= 6);
  const of = (command: string, direction: string) =>
    golden
      .filter((row) => row.command === command && row.direction === direction)
      .map(({ hex }) => nsidmsg.decode(Buffer.from(hex, 'hex').subarray(16)));
  // One that is known as 3 there, and as 2147483647 here.
  t.match(of('ip netns list-id target-nsid 7', 'request'), [{ targetNsid: 7 }]);
  t.match(of('ip netns list-id target-nsid 7', 'reply'), [{ nsid: 3, currentNsid: 2147483647 }]);
  t.type(of('ip netns set blue 7', 'request')[0]?.fd, 'number');
  t.match(of('ip netns del blue', 'event'), [{ nsid: 7 }]);
});

t.test('a process, and a namespace by its name', async (t) => {
  const w = new Writer();
  nsidmsg.write(w, { pid: 0x01020304, nsid: -1 });
  t.equal(Buffer.from(w.bytes()).toString('hex'), '00000000' + '0800020004030201' + '08000100ffffffff');
  w.reset();
  nsidmsg.write(w, { fd: 'blue', nsid: 1 });
  t.match(w.references, [{ what: 'namespace', name: 'blue' }], 'opened when it is sent');
});
