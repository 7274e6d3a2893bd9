import t from 'tap';
import { openNative } from '../../src/transport/native.js';
import {
  dumpRoutes,
  EAGAIN,
  getLink,
  Inbox,
  ip,
  ipBatch,
  makeNetns,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTNLGRP_LINK,
  SOL_NETLINK,
  SOL_SOCKET,
  skipUnprivileged,
  until,
} from './helpers.js';

const UNLIMITED = 1e12;
const SO_RCVBUF = 8;

t.test('exchange gives the reply in the same call', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  const inbox = new Inbox();
  for (let seq = 1; seq <= 500; seq++) {
    t.equal(socket.exchange(getLink(1, seq), inbox.area, inbox.meta, 32768, 5000), 1);
    t.equal(inbox.reason, EAGAIN);
    t.same(inbox.messages, [{ type: RTM_NEWLINK, seq, index: 1 }]);
    t.match(inbox.datagrams, [{ offset: 0, portid: 0, nsid: -1 }]);
  }
});

t.test('send and receive apart; an empty queue says EAGAIN', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  const inbox = new Inbox();
  t.equal(socket.receive(inbox.area, inbox.meta, 0, 5000), 0);
  t.equal(inbox.reason, EAGAIN);
  const request = getLink(1, 7);
  // A view into a larger buffer is sent as the view.
  const padded = Buffer.concat([Buffer.alloc(5, 0xff), request, Buffer.alloc(5, 0xff)]).subarray(5, 5 + request.length);
  t.equal(socket.send(padded), request.length);
  t.equal(socket.receive(inbox.area, inbox.meta, 0, 5000), 1);
  t.equal(inbox.messages[0]?.seq, 7);
});

t.test('a failed send receives nothing and says so', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  const inbox = new Inbox();
  socket.send(getLink(1));
  // Larger than the send buffer: EMSGSIZE.
  socket.setOption(SOL_SOCKET, 7, 4096);
  t.equal(socket.exchange(new Uint8Array(1 << 20), inbox.area, inbox.meta, 0, 5000), -90);
  t.same([...inbox.meta.subarray(0, 2)], [90, 0]);
  t.equal(socket.receive(inbox.area, inbox.meta, 0, 5000), 1);
});

t.test('datagrams start at multiples of 8 and keep their true length', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  const inbox = new Inbox();
  for (let seq = 1; seq <= 20; seq++) socket.send(getLink(seq === 7 ? 0x7fffffff : 1, seq));
  t.equal(socket.receive(inbox.area, inbox.meta, 0, 5000), 20);
  let end = 0;
  for (const { offset, length } of inbox.datagrams) {
    t.equal(offset, (end + 7) & ~7);
    end = offset + length;
  }
  t.same(
    inbox.messages.map((m) => m.seq),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  t.equal(inbox.messages[6]?.type, NLMSG_ERROR);
});

t.test('small datagrams that come together with large ones: each whole, in order', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  socket.setOption(SOL_SOCKET, SO_RCVBUF, 4 << 20);
  const inbox = new Inbox();
  // A refusal has the request in it, and that may be large.
  const refused = (seq: number): Uint8Array => {
    const request = new Uint8Array(60_000).fill(seq);
    new DataView(request.buffer).setUint32(0, request.length, true);
    new DataView(request.buffer).setUint16(4, 0x7fff, true);
    new DataView(request.buffer).setUint16(6, 1, true);
    new DataView(request.buffer).setUint32(8, seq, true);
    return request;
  };
  const LARGE = [9, 13, 14, 27, 33];
  for (let seq = 1; seq <= 40; seq++) socket.send(LARGE.includes(seq) ? refused(seq) : getLink(1, seq));
  t.equal(socket.receive(inbox.area, inbox.meta, 400_000, UNLIMITED), 40, 'in one call');
  t.equal(inbox.reason, EAGAIN);
  t.same(
    inbox.messages.map(({ seq }) => seq),
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  for (const seq of LARGE) {
    const { offset, length } = inbox.datagrams[seq - 1]!;
    const echoed = inbox.area.subarray(offset + 36, offset + length);
    t.ok(echoed.length > 59_000);
    t.ok(
      echoed.every((byte) => byte === seq),
      `${seq}: not a byte is another's`,
    );
  }
});

t.test('stops when meta is full, when the area has less than the reserve, and goes on in the next call', async (t) => {
  const socket = openNative(0);
  t.teardown(() => socket.close());
  for (let seq = 1; seq <= 10; seq++) socket.send(getLink(1, seq));
  const three = new Inbox(65536, 3);
  t.equal(socket.receive(three.area, three.meta, 0, 5000), 3);
  t.equal(three.reason, 0);

  const size = three.datagrams[0]?.length ?? 0;
  const rounded = (size + 7) & ~7;
  const small = new Inbox(rounded * 2 + 100, 100);
  t.equal(socket.receive(small.area, small.meta, 200, 5000), 2, 'less than 200 bytes are left after two');
  t.equal(small.reason, 0);
  t.same(
    small.messages.map((m) => m.seq),
    [4, 5],
  );

  t.equal(socket.receive(small.area, small.meta, 1 << 20, 5000), 1, 'the first may use all, whatever the reserve');
  t.equal(socket.receive(small.area, small.meta, Number.NaN, 5000), 3, 'no reserve: the third is cut');
  const cut = small.datagrams[2];
  t.equal(cut?.offset, rounded * 2);
  t.equal(cut?.length, size, 'and has its true length');
  t.equal(socket.receive(small.area, small.meta, 0, Number.NaN), 1, 'a budget that is no number is none');
  t.equal(small.messages[0]?.seq, 10);
  t.equal(socket.receive(small.area, small.meta, 0, 0), 0);
  t.equal(small.reason, EAGAIN);
});

t.test('a large dump', skipUnprivileged, async (t) => {
  const { name, path } = makeNetns(t);
  const count = 20_000;
  ipBatch(
    name,
    Array.from({ length: count }, (_, i) => `route add 10.${i >> 14}.${(i >> 6) & 255}.${(i & 63) * 4}/30 dev lo`),
  );
  const socket = openNative(0, { netns: path });
  t.teardown(() => socket.close());
  const inbox = new Inbox(4 << 20);

  /** Drains a dump with the given reserve and budget; returns calls (negative: something went wrong), pieces and routes. */
  function drain(box: Inbox, reserve: number, budget: number) {
    const seen = { calls: 0, routes: 0, pieces: [] as number[] };
    let send: Uint8Array | undefined = dumpRoutes(5);
    for (let done = false; !done; seen.calls++) {
      const n = send
        ? socket.exchange(send, box.area, box.meta, reserve, budget)
        : socket.receive(box.area, box.meta, reserve, budget);
      send = undefined;
      if (n < 0 || (n === 0 && box.reason === EAGAIN)) return { ...seen, calls: -1 };
      for (const { offset, length } of box.datagrams) {
        seen.pieces.push(length);
        if (offset + length > box.area.length) return { ...seen, calls: -2 };
      }
      for (const { type } of box.messages) {
        if (type === RTM_NEWROUTE) seen.routes++;
        if (type === NLMSG_DONE) done = true;
      }
    }
    return seen;
  }

  const whole = drain(inbox, 65536, UNLIMITED);
  t.equal(whole.calls, 1, 'one call takes all of it');
  t.equal(inbox.reason, EAGAIN);
  t.ok(whole.routes >= count);
  t.ok(Math.max(...whole.pieces) > 30_000, 'the kernel fills 32 KiB pieces');

  const single = drain(inbox, 65536, 0);
  t.equal(single.calls, whole.pieces.length, 'no budget: one datagram a call');
  t.equal(single.routes, whole.routes);

  const bounded = drain(inbox, 65536, 1000);
  t.ok(bounded.calls > 1 && bounded.calls < single.calls, `1 ms at a time: ${bounded.calls} calls`);
  t.equal(bounded.routes, whole.routes);

  const tight = drain(new Inbox(100_000), 32_768, UNLIMITED);
  t.equal(tight.routes, whole.routes, 'a reserve of one piece never cuts one');
  t.ok(tight.calls > 1);
});

t.test('events of other namespaces carry their nsid', skipUnprivileged, async (t) => {
  const [home, other] = [makeNetns(t), makeNetns(t)];
  ip('-n', home.name, 'netns', 'set', other.name, '42');
  const socket = openNative(0, { netns: home.path });
  t.teardown(() => socket.close());
  t.equal(socket.setOption(SOL_NETLINK, 8, 1), 0);
  t.equal(socket.join(RTNLGRP_LINK), 0);
  ip('-n', other.name, 'link', 'set', 'lo', 'mtu', '9000');
  ip('-n', home.name, 'link', 'set', 'lo', 'mtu', '9000');
  const inbox = new Inbox();
  const seen = new Set<number>();
  await until(() => {
    socket.receive(inbox.area, inbox.meta, 65536, 5000);
    for (const { nsid } of inbox.datagrams) seen.add(nsid);
    return seen.size === 2;
  }, 2000);
  t.same([...seen].sort(), [-1, 42]);
});
