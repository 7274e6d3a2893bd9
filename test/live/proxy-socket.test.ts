/** recv and sendto with a real kernel, and mixins over classes of a program’s own. */
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { IPRouteMixin, IPRSocket, ifinfmsg, NetlinkMixin, NetlinkSocket, netns, ReaderError } from 'tsroute2';

/** RTM_GETLINK of index 1, as bytes. */
function getLo(seq: number): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 32, true);
  view.setUint16(4, 18, true);
  view.setUint16(6, 1, true);
  view.setUint32(8, seq, true);
  view.setInt32(20, 1, true);
  return bytes;
}

t.test('recv and sendto', async (t) => {
  const name = `proxy-raw-${process.pid}`;
  await netns.create(name);
  t.teardown(() => netns.remove(name));
  const socket = new IPRSocket(0, { netns: name });
  try {
    socket.bind({ groups: [1] });
    socket.pause();
    t.equal(await socket.sendto(getLo(4711)), 32);
    const reply = new ifinfmsg(await socket.recv()).decode();
    t.match(reply, { header: { type: 16, seq: 4711 }, value: { ifname: 'lo', index: 1 } });
    const next = socket.recv();
    execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    const note = new ifinfmsg(await next).decode();
    t.match(note, { header: { type: 16 }, value: { ifname: 'lo', state: 'up' } });
    await t.rejects(socket.nlmRequest(new Uint8Array(16), 18), ReaderError);
    socket.resume();
    const [answer] = await socket.nlmRequest({ def: ifinfmsg.def, value: { index: 1 } }, 18);
    t.equal(answer?.header.type, 16);
  } finally {
    await socket.close();
  }
});

t.test('a class of one’s own with the verbs of IPRoute', async (t) => {
  const name = `proxy-mixin-${process.pid}`;
  await netns.create(name);
  t.teardown(() => netns.remove(name));
  class Inside extends NetlinkSocket {
    constructor(readonly where: string) {
      super(0, { netns: where });
    }
  }
  class Route extends IPRouteMixin(NetlinkMixin(Inside)) {}
  await using route = new Route(name);
  await route.link('add', { ifname: 'd0', kind: 'bridge' });
  const batch = route.batch();
  batch.link('set', { dev: 'd0', state: 'up' });
  batch.addr('add', { dev: 'd0', address: '192.0.2.7/24' });
  await batch.commit();
  const found = JSON.parse(execFileSync('ip', ['-n', name, '-j', 'addr', 'show', 'dev', 'd0'], { encoding: 'utf8' }));
  t.match(found, [{ ifname: 'd0', addr_info: [{ local: '192.0.2.7', prefixlen: 24 }] }]);
  t.equal((await route.getAddr({ dev: 'd0' })).length > 0, true);
  t.equal(route.where, name);
});
