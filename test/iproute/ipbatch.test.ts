/** IPBatch: the same bytes as a batch sends, without a socket. */
import t from 'tap';
import { InputError, IPBatch } from '../../src/index.js';
import { Recorder } from './recorder.js';

t.test('the same messages as a batch that is sent', async (t) => {
  const recorder = new Recorder();
  const ipr = recorder.iproute();
  const sent = ipr.batch();
  const compiled = new IPBatch({ ack: false });
  for (const batch of [sent, compiled]) {
    batch.link('add', { ifname: 'br0', kind: 'bridge', bridge: { priority: 4096 } });
    batch.route('add', { dst: '10.0.0.0/8', oif: 3, metrics: { mtu: 1400 } });
    batch.nexthop('add', { id: 1, group: [2, { id: 3, weight: 300 }] });
    batch.vlanFilter('add', { index: 4, vlanInfo: { vid: '10-20' } });
    batch.mdb('del', { ifindex: 4, port: 5, grp: '239.1.1.1' });
  }
  sent.commit().catch(() => {});
  await new Promise(setImmediate);
  const plain = (data: Uint8Array): string => {
    const copy = Buffer.from(data);
    for (let at = 0; at < copy.length; at += (copy.readUInt32LE(at) + 3) & ~3) {
      copy.fill(0, at + 8, at + 12);
      copy.writeUInt16LE(copy.readUInt16LE(at + 6) & ~4, at + 6);
    }
    return copy.toString('hex');
  };
  t.equal(plain(compiled.data), plain(recorder.sent[0]!));
  await ipr.close();
});

t.test('names, mistakes, emptying', async (t) => {
  const batch = new IPBatch({ interfaces: new Map([['eth0', 7]]) });
  batch.link('set', { dev: 'eth0', mtu: 1400 });
  const { data } = batch;
  t.equal(new DataView(data.buffer).getInt32(20, true), 7);
  t.equal(new DataView(data.buffer).getUint16(6, true) & 4, 4, 'asks for an acknowledgement');
  t.throws(() => batch.link('set', { dev: 'eth1', mtu: 1400 }), { name: 'InputError', field: 'dev' });
  t.throws(() => batch.route('add', { dst: '10.0.0.0/8', metrics: { mtu: -1 } }), InputError);
  t.throws(() => batch.link('set', { index: 1, netNsFd: 'blue' }), InputError, 'a namespace by name');
  t.same(batch.data, data, 'nothing of what was refused stays');
  t.equal(batch.length, 1);
  t.equal(batch.reset().length, 0);
  t.equal(batch.data.length, 0);
  batch.link('set', { index: 7, mtu: 1400 });
  t.same(batch.data, data, 'and it starts anew');
  await t.rejects(batch.commit(), InputError);
  for (const options of [null, { interfacs: {} }, { interfaces: { eth0: 0 } }, { interfaces: 5 }, { ack: 1 }])
    t.throws(() => new IPBatch(options as never), InputError);
});
