/** recv and sendto on a socket whose reader is paused; mixins over classes of one's own. */
import t, { type Test } from 'tap';
import { IPRouteMixin } from '../../src/iproute/iproute.js';
import { ClosedError, OverrunError, ReaderError, TimeoutError } from '../../src/netlink/errors.js';
import { IPRSocket } from '../../src/netlink/iprsocket.js';
import { NetlinkMixin } from '../../src/netlink/netlink-mixin.js';
import { NetlinkSocket } from '../../src/netlink/socket.js';
import { answer, ENOBUFS, type Given, msg, newLink, Script } from './script.js';

function scripted(t: Test, play: (turn: number, request: Uint8Array | undefined, seq: number) => Given | undefined) {
  const scripts: Script[] = [];
  const socket = new IPRSocket(0, {
    timeout: 1000,
    transport: () => {
      const script = new Script(play);
      scripts.push(script);
      return script;
    },
  });
  t.teardown(() => socket.close());
  return { socket, script: scripts[0]! };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

t.test('datagrams as they came, one at a time, in order', async (t) => {
  const note = newLink(0, 9, 'other');
  const first = { datagrams: [[answer(5, 0), note]] };
  const second = { datagrams: [{ from: 4711, messages: [note] }] };
  const { socket, script } = scripted(t, (turn) => [first, second, { datagrams: [[note]] }, undefined][turn]);
  socket.pause();
  t.ok(socket.paused);
  const both = [socket.recv(), socket.recv()];
  t.equal(hex(await both[0]!), hex(Buffer.concat([answer(5, 0), note])));
  t.equal(hex(await both[1]!), hex(note), 'what another program sends is passed over');
  const later = socket.recv();
  await new Promise(setImmediate);
  t.ok(script.watched, 'it waits for input');
  socket.resume();
  await t.rejects(later, ReaderError);
  t.notOk(script.watched);
  t.notOk(socket.paused);
});

t.test('sendto sends bytes as they are', async (t) => {
  const { socket, script } = scripted(t, () => undefined);
  const bytes = msg(18, 0x301, 77, new Array<number>(16).fill(0));
  await t.rejects(socket.sendto(bytes), ReaderError, 'not while the reader runs');
  await t.rejects(socket.recv(), ReaderError);
  t.equal(script.sent.length, 0);
  socket.pause();
  t.equal(await socket.sendto(bytes), 32);
  t.equal(hex(script.sent[0]!), hex(bytes));
  await t.rejects(socket.sendto(new Uint8Array(8)), { name: 'InputError', field: 'data' } as never);
  await t.rejects(socket.sendto('x' as never), { name: 'InputError', field: 'data' } as never);
});

t.test('requests are refused while it is paused, and it is not paused while answers are outstanding', async (t) => {
  const { socket, script } = scripted(t, (turn, request, seq) =>
    request === undefined && turn > 0 ? { datagrams: [[newLink(seq, 1, 'lo')]] } : undefined,
  );
  const asked = socket.nlmRequest(new Uint8Array(16), 18);
  t.throws(() => socket.pause(), ReaderError);
  script.readable();
  t.equal((await asked).length, 1);
  socket.pause();
  t.throws(() => socket.put(new Uint8Array(16), 18), ReaderError);
  await t.rejects(socket.nlmRequest(new Uint8Array(16), 18), ReaderError);
  t.equal(script.sent.length, 1);
});

t.test('losses, time, signals and the end', async (t) => {
  let why = 0;
  const { socket, script } = scripted(t, () => (why === 0 ? undefined : { datagrams: [], why }));
  socket.pause();
  why = ENOBUFS;
  script.dropped = 3;
  const lost = await socket.recv().catch((error: unknown) => error);
  t.type(lost, OverrunError);
  t.equal((lost as OverrunError).dropped, 3);
  script.dropped = 5;
  t.match(await socket.recv().catch((error: unknown) => error), { dropped: 2 }, 'counted from the last');
  why = 13;
  await t.rejects(socket.recv(), { code: 'EACCES', syscall: 'recvmsg' });
  why = 0;
  await t.rejects(socket.recv({ timeout: 5 }), TimeoutError);
  const stop = new AbortController();
  const stopped = socket.recv({ signal: stop.signal });
  await new Promise(setImmediate);
  stop.abort();
  await t.rejects(stopped, { name: 'AbortError' });
  await t.rejects(socket.recv({ signal: stop.signal }), { name: 'AbortError' });
  await t.rejects(socket.recv({ timeout: -1 }), { name: 'InputError', field: 'timeout' } as never);
  const last = socket.recv();
  await new Promise(setImmediate);
  await socket.close();
  await t.rejects(last, ClosedError);
  await t.rejects(socket.recv(), ClosedError);
  t.throws(() => socket.pause(), ClosedError);
});

t.test('mixins over a class of one’s own', async (t) => {
  class Labelled extends NetlinkSocket {
    static readonly made = 'here';
    constructor(readonly label: string) {
      super(0, { transport: () => new Script((_turn, _request, seq) => ({ datagrams: [[newLink(seq, 4, 'v0')]] })) });
    }
  }
  class Plain extends NetlinkMixin(Labelled) {}
  class Route extends IPRouteMixin(Plain) {}
  t.equal(Route.made, 'here');
  const plain = new Plain('one');
  t.match(await plain.nlmRequest(new Uint8Array(16), 18), [{ op: 'type 16', header: { type: 16 } }]);
  t.equal(plain.label, 'one');
  await plain.close();
  const route = new Route('two');
  t.equal((await route.link('get', { dev: 'v0' })).ifname, 'v0');
  t.match(await route.nlmRequest(new Uint8Array(16), 18), [{ op: 'RTM_NEWLINK' }], 'it knows the messages');
  route.bind({ groups: ['link'] });
  t.throws(() => route.bind({ groups: ['link', 'nothing' as never] }), { name: 'InputError', field: 'groups' });
  t.throws(() => plain.bind({ groups: [0] }), { name: 'InputError', field: 'groups' });
  t.equal(route.batch().length, 0);
  t.ok(route instanceof Plain && route instanceof NetlinkSocket);
  await route.close();
});
