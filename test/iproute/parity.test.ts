/**
 * What docs/parity.md promises and no machine here can carry out, for lack of an adapter with virtual functions or of a
 * program for the kernel to run: the requests are those of `ip` and `bridge` 6.1.0, as strace shows them.
 */
import t from 'tap';
import type { IPRoute } from '../../src/index.js';
import { lines, type Shape, tlvs } from '../rtnl/tlv.js';
import { Recorder } from './recorder.js';

const VF: Shape = { header: 16, nests: { 22: { nests: { 1: { nests: { 12: {} } } } } } };
const BRIDGE: Shape = { header: 16, nests: { 12: {}, 26: {} } };

type Row = [command: string, hex: string, shape: Shape, call: (ipr: IPRoute) => Promise<unknown>];

const ROWS: readonly Row[] = [
  [
    'ip link set dev e0 vf 3 mac 02:00:00:00:00:07 vlan 5 qos 2 proto 802.1ad rate 77',
    '74000000100005002b9f016b000000000000000032000000000000000000000054001600500001002800010003000000020000000007000000000000000000000000000000000000000000000000000018000c001400010003000000050000000200000088a800000c000300030000004d000000',
    VF,
    (ipr) =>
      ipr.link('set', {
        index: 50,
        vfinfoList: {
          info: [
            {
              mac: { vf: 3, mac: '02:00:00:00:00:07' },
              vlanList: { info: [{ vf: 3, vlan: 5, qos: 2, vlanProto: 0x88a8 }] },
              txRate: { vf: 3, rate: 77 },
            },
          ],
        },
      }),
  ],
  [
    'ip link set dev e0 vf 2 max_tx_rate 200 min_tx_rate 100 spoofchk on trust off state enable',
    '5c000000100005002a9f016b00000000000000003200000000000000000000003c001600380001000c00040002000000010000000c00090002000000000000000c0005000200000001000000100006000200000064000000c8000000',
    VF,
    (ipr) =>
      ipr.link('set', {
        index: 50,
        vfinfoList: {
          info: [
            {
              spoofchk: { vf: 2, setting: 1 },
              trust: { vf: 2, setting: 0 },
              linkState: { vf: 2, linkState: 1 },
              rate: { vf: 2, minTxRate: 100, maxTxRate: 200 },
            },
          ],
        },
      }),
  ],
  [
    'ip link set dev e0 vf 1 vlan 100 query_rss on',
    '44000000100005002b9f016b00000000000000003200000000000000000000002400160020000100100002000100000064000000000000000c0007000100000001000000',
    VF,
    (ipr) =>
      ipr.link('set', {
        index: 50,
        vfinfoList: { info: [{ vlan: { vf: 1, vlan: 100, qos: 0 }, rssQueryEn: { vf: 1, setting: 1 } }] },
      }),
  ],
  [
    'bridge link set dev e0 hwmode vepa',
    '38000000130005002b9f016b000000000700000032000000000000000000000004000c8014001a0006000000020000000600010001000000',
    BRIDGE,
    (ipr) => ipr.brport('set', { index: 50, hwmode: 'vepa' }),
  ],
];

/** The one message that a call sends. */
async function sent(call: (ipr: IPRoute) => Promise<unknown>): Promise<Buffer> {
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  call(ipr).catch(() => {});
  await new Promise(setImmediate);
  await ipr.close();
  return Buffer.from(recorder.sent[0] ?? []);
}

/** Type, flags, header and attributes. `bridge` sends an empty nest of a port's settings, which says nothing. */
const meaning = (message: Buffer, shape: Shape): string[] => [
  `type ${message.readUInt16LE(4)} flags ${message.readUInt16LE(6)}`,
  ...lines(message.subarray(16), shape).filter((line) => !/^12[={}]/.test(line)),
];

for (const [command, hex, shape, call] of ROWS)
  t.test(command, async (t) => {
    t.same(meaning(await sent(call), shape), meaning(Buffer.from(hex, 'hex'), shape));
  });

t.test('encap bpf: raw bytes under its number', async (t) => {
  // LWT_BPF_IN (1) with LWT_BPF_PROG_FD (1) 7 and LWT_BPF_PROG_NAME (2) "p".
  const data = Buffer.from('1400018008000100070000000600020070000000', 'hex');
  const message = await sent((ipr) =>
    ipr.route('add', { dst: '10.0.0.0/8', oif: 5, encapType: 'bpf', encap: { data } } as never),
  );
  const found = new Map(tlvs(message.subarray(28)).map((tlv) => [tlv.type, tlv.data.toString('hex')]));
  t.equal(found.get(21), '0600', 'RTA_ENCAP_TYPE: LWTUNNEL_ENCAP_BPF');
  t.equal(found.get(22), data.toString('hex'), 'RTA_ENCAP');
});

t.test('encap seg6local with a program', async (t) => {
  const message = await sent((ipr) =>
    ipr.route('add', {
      dst: '2001:db8::/64',
      oif: 5,
      encap: { seg6local: { action: 'End.BPF', bpf: { prog: 7, progName: 'p' } } },
    }),
  );
  const encap = tlvs(message.subarray(28)).find(({ type }) => type === 22)?.data ?? Buffer.alloc(0);
  // SEG6_LOCAL_ACTION (1) 15; SEG6_LOCAL_BPF (8) of SEG6_LOCAL_BPF_PROG (1) and SEG6_LOCAL_BPF_PROG_NAME (2).
  t.same(
    lines(encap, { nests: { 8: {} } }),
    lines(Buffer.from('080001000f0000001400088008000100070000000600020070000000', 'hex'), { nests: { 8: {} } }),
  );
});
