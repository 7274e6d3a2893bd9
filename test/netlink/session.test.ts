/** Answers in every order and shape that a kernel may give them. */
import t, { type Test } from 'tap';
import { IPRoute } from '../../src/iproute/iproute.js';
import { DumpInterruptedError, NetlinkError, OutcomeUnknownError, OverrunError } from '../../src/netlink/errors.js';
import { answer, done, EAGAIN, ENOBUFS, type Given, le32, msg, newLink, Script } from './script.js';

const DUMP_INTR = 0x10;
const MULTI = 2;

/** An IPRoute whose sockets play scripts: the first is the main one, the others are those of dumps. */
function scripted(
  t: Test,
  ...plays: ((turn: number, request: Uint8Array | undefined, seq: number) => Given | undefined)[]
) {
  const sockets: Script[] = [];
  const ipr = new IPRoute({
    timeout: 1000,
    transport: () => {
      const script = new Script(plays[Math.min(sockets.length, plays.length - 1)]!);
      sockets.push(script);
      return script;
    },
  });
  t.teardown(() => ipr.close());
  return { ipr, sockets };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

t.test('a reply between notifications, foreign messages and answers of others', async (t) => {
  const { ipr } = scripted(t, (_turn, _request, seq) => ({
    datagrams: [
      [newLink(0, 9, 'other')],
      [newLink(seq + 1000, 8, 'stray'), answer(seq + 500, 17)],
      { from: 4711, messages: [newLink(seq, 666, 'forged')] },
      [newLink(seq, 5, 'mine')],
    ],
  }));
  t.equal((await ipr.link('get', { index: 5 })).ifname, 'mine');
});

t.test('answers in reverse order, long after they were asked for', async (t) => {
  const asked: number[] = [];
  const { ipr, sockets } = scripted(t, (turn, request, seq) => {
    if (request !== undefined) asked.push(seq);
    return turn < 3
      ? undefined
      : { datagrams: asked.toReversed().map((one, i) => [newLink(one, i + 1, `link${one}`)]) };
  });
  const calls = [ipr.link('get', { index: 1 }), ipr.link('get', { index: 2 }), ipr.link('get', { index: 3 })];
  t.ok(sockets[0]!.watched, 'it waits for input');
  sockets[0]!.readable();
  t.same(
    (await Promise.all(calls)).map(({ ifname }) => ifname),
    asked.map((seq) => `link${seq}`),
  );
  await tick();
  t.notOk(sockets[0]!.watched, 'and waits no more');
});

t.test('notifications that others caused under the same number are no answers', async (t) => {
  const foreign = (seq: number) => {
    const note = newLink(seq, 99, 'foreign');
    new DataView(note.buffer).setUint32(12, 4242, true);
    return note;
  };
  const mine = (seq: number) => {
    const reply = newLink(seq, 2, 'mine');
    new DataView(reply.buffer).setUint32(12, 7, true);
    return reply;
  };
  const { ipr } = scripted(t, (turn, _request, seq) =>
    turn === 0 ? { datagrams: [[foreign(seq)], [mine(seq)]] } : undefined,
  );
  ipr.bind({ groups: [1] });
  t.equal((await ipr.link('get', { index: 2 })).ifname, 'mine');
  t.equal((await ipr.get()).value?.ifname, 'foreign');
});

t.test('what is given up leaves nothing behind once its answer has come', async (t) => {
  let answered = false;
  const asked: number[] = [];
  const { ipr, sockets } = scripted(t, (_turn, request, seq) => {
    if (request !== undefined) asked.push(seq);
    if (!answered) return undefined;
    answered = false;
    return { datagrams: [[newLink(asked[0]!, 1, 'late'), answer(asked[1]!, 17), msg(16, 0, asked[2]!, le32(0))]] };
  });
  const stop = new AbortController();
  const { signal } = stop;
  const calls: Promise<unknown>[] = [
    ipr.link('get', { index: 1 }, { signal }),
    ipr.link('set', { index: 1, state: 'up' }, { signal }),
    ipr.link('get', { index: 2 }),
  ];
  const broken = t.rejects(calls[2]!, { name: 'DecodeError' });
  stop.abort();
  await t.rejects(calls[0]!, { name: 'AbortError' });
  await t.rejects(calls[1]!, { name: 'AbortError' });
  t.equal(ipr.session.outstanding, 3);
  answered = true;
  sockets[0]!.readable();
  await broken;
  t.equal(ipr.session.outstanding, 0);
  t.notOk(sockets[0]!.watched);
  const alone = new AbortController();
  const last = ipr.link('get', { index: 3 }, { signal: alone.signal });
  t.ok(sockets[0]!.watched && sockets[0]!.held);
  alone.abort();
  await t.rejects(last, { name: 'AbortError' });
  t.ok(sockets[0]!.watched, 'what comes too late may have a descriptor with it');
  t.notOk(sockets[0]!.held, 'nothing is waited for, so nothing keeps the process alive');
});

t.test('the object is echoed before the acknowledgement, or after it never', async (t) => {
  const { ipr } = scripted(t, (turn, _request, seq) =>
    turn === 0
      ? { datagrams: [[newLink(seq, 4, 'v0')], [answer(seq, 0)]] }
      : turn === 1
        ? { datagrams: [[answer(seq, 0)]] }
        : { datagrams: [[newLink(seq, 4, 'v0')]] },
  );
  t.equal((await ipr.link('add', { ifname: 'v0', kind: 'veth' })).object?.index, 4);
  t.equal((await ipr.link('add', { ifname: 'v0', kind: 'veth' })).object?.index, 4, 'by a get: kernels before 6.2');
});

t.test('warnings come with the acknowledgement', async (t) => {
  const text = [...Buffer.from('mind the gap\0')];
  const { ipr } = scripted(t, (_turn, _request, seq) => ({
    datagrams: [[answer(seq, 0, [4 + text.length, 0, 1, 0, ...text, 0, 0, 0])]],
  }));
  t.same(await ipr.link('set', { index: 1, state: 'up' }), { warnings: ['mind the gap'] });
});

t.test('the policy of a refused attribute has signs and 64 bits', async (t) => {
  const le64 = (value: bigint) => [...new Uint8Array(new BigInt64Array([value]).buffer)];
  const nla = (type: number, ...payload: number[]) => [4 + payload.length, 0, type, type === 4 ? 0x80 : 0, ...payload];
  const policy = [nla(1, ...le32(6)), nla(2, ...le64(-128n)), nla(3, ...le64(127n)), nla(12, ...le64(-(2n ** 63n)))];
  const { ipr } = scripted(t, (_turn, _request, seq) => ({
    datagrams: [[answer(seq, 34, nla(4, ...policy.flat()))]],
  }));
  const error = await ipr.link('set', { index: 1, mtu: 1 }).catch((reason: unknown) => reason);
  t.same((error as NetlinkError).policy, { type: 6, min: -128, max: 127, mask: 2n ** 63n });
});

t.test('answers lost at the socket', async (t) => {
  const { ipr, sockets } = scripted(t, (turn, _request, seq) => {
    if (turn === 0) return { datagrams: [], why: ENOBUFS };
    return turn === 1 ? { datagrams: [], why: EAGAIN } : { datagrams: [[newLink(seq, 3, 'again')]] };
  });
  t.equal((await ipr.link('get', { index: 3 })).ifname, 'again', 'a read is asked again');
  t.equal(sockets[0]!.sent.length, 2);
  const lost = scripted(t, (turn) => ({ datagrams: [], why: turn === 0 ? ENOBUFS : EAGAIN }));
  await t.rejects(lost.ipr.link('set', { index: 1, state: 'up' }), OutcomeUnknownError, 'a write is not');
  t.equal(lost.sockets[0]!.sent.length, 1);
  const hopeless = scripted(t, (turn) => ({ datagrams: [], why: turn % 2 === 0 ? ENOBUFS : EAGAIN }));
  await t.rejects(hopeless.ipr.link('get', { index: 1 }), OutcomeUnknownError, 'not for ever');
  t.equal(hopeless.sockets[0]!.sent.length, 4);
});

t.test('what was queued before a loss is used', async (t) => {
  const { ipr } = scripted(t, (turn, _request, seq) =>
    turn === 0 ? { datagrams: [], why: ENOBUFS } : { datagrams: turn === 1 ? [[answer(seq, 0)]] : [] },
  );
  t.same(await ipr.link('set', { index: 1, state: 'up' }), { warnings: [] });
});

t.test('notifications of one’s own change are not its answer', async (t) => {
  const { ipr, sockets } = scripted(t, (turn, _request, seq) =>
    turn === 0 ? { datagrams: [[newLink(seq, 3, 'note')], [answer(seq, 0)]] } : undefined,
  );
  ipr.bind({ groups: [1] });
  t.same(await ipr.link('set', { index: 3, state: 'up' }), { warnings: [] });
  t.equal((await ipr.get()).value?.ifname, 'note');
  sockets[0]!.dropped = 12;
  const next = ipr.get();
  sockets[0]!.readable();
  await ipr.close();
  await t.rejects(next, { code: 'ERR_NETLINK_CLOSED' });
});

t.test('lost notifications of the main socket are counted', async (t) => {
  let loss = false;
  const { ipr, sockets } = scripted(t, () => {
    if (!loss) return undefined;
    loss = false;
    return { datagrams: [], why: ENOBUFS };
  });
  ipr.bind({ groups: [1] });
  const next = ipr.get();
  loss = true;
  sockets[0]!.dropped = 12;
  sockets[0]!.readable();
  const error = await next.catch((reason) => reason);
  t.type(error, OverrunError);
  t.equal(error.dropped, 12);
});

t.test(
  'notifications that nobody fetches: so many are kept, and what was lost is told where it would have been',
  async (t) => {
    const KEPT = 16384;
    let index = 1;
    const { ipr, sockets } = scripted(t, () => ({
      datagrams: Array.from({ length: 1000 }, () => [newLink(0, index++, 'e0')]),
    }));
    ipr.bind({ groups: [1] });
    while (index <= KEPT) sockets[0]!.readable();
    const lost = index - 1 - KEPT;
    for (let i = 1; i <= KEPT; i++) {
      const { value } = await ipr.get();
      if ((value as { index: number }).index !== i) return t.equal((value as { index: number }).index, i);
    }
    const error = await ipr.get().catch((reason: unknown) => reason);
    t.type(error, OverrunError);
    t.equal((error as OverrunError).dropped, lost);
    sockets[0]!.readable();
    t.match((await ipr.get()).value, { index: KEPT + lost + 1 }, 'what came later follows');
  },
);

t.test('dumps', async (t) => {
  const main = () => undefined;
  const rows = (seq: number, flags = MULTI) => [newLink(seq, 1, 'lo', flags), newLink(seq, 2, 'v0', flags)];

  t.test('in several receives, with others’ messages in between', async (t) => {
    const { ipr } = scripted(t, main, (turn, _request, seq) =>
      turn === 0
        ? { datagrams: [[newLink(seq, 1, 'lo', MULTI)], [newLink(0, 7, 'note')]], why: 0 }
        : { datagrams: [[newLink(seq, 2, 'v0', MULTI)], [done(seq)]] },
    );
    t.same(
      (await ipr.getLinks()).map(({ ifname }) => ifname),
      ['lo', 'v0'],
    );
  });

  t.test('with nothing to read for a while', async (t) => {
    const { ipr, sockets } = scripted(t, main, (turn, _request, seq) =>
      turn === 0 ? { datagrams: [[newLink(seq, 1, 'lo', MULTI)]] } : { datagrams: [[done(seq)]] },
    );
    const links = ipr.getLinks();
    await tick();
    sockets[1]!.readable();
    t.equal((await links).length, 1);
  });

  t.test('whose end is an error', async (t) => {
    const { ipr, sockets } = scripted(t, main, (_turn, _request, seq) => ({
      datagrams: [[...rows(seq), done(seq, 12)]],
    }));
    await t.rejects(ipr.getLinks(), { name: 'NetlinkError', code: 'ENOMEM', op: 'RTM_GETLINK' });
    t.notOk(sockets[1]!.closed, 'the socket is as good as before');
    const refused = scripted(t, main, (_turn, _request, seq) => ({ datagrams: [[answer(seq, 1)]] }));
    await t.rejects(refused.ipr.getLinks(), NetlinkError);
  });

  t.test('with a filter that answers by a promise, which would be yes to every row', async (t) => {
    const links = (_turn: number, request: Uint8Array | undefined, seq: number) =>
      request === undefined ? undefined : { datagrams: [[...rows(seq), done(seq)]] };
    const { ipr } = scripted(t, main, links);
    const late = (async () => false) as never;
    const refused = { name: 'InputError', field: 'filter', message: /promise/ } as never;
    await t.rejects(ipr.getLinks(late), refused);
    await t.rejects(ipr.getLinks({ ifname: late }), { ...(refused as object), field: 'ifname' } as never);
    await t.rejects(ipr.links(late)[Symbol.asyncIterator]().next(), refused);
    await t.rejects(ipr.getLinks((() => ({})) as never), { name: 'InputError', field: 'filter' } as never);
    t.equal((await ipr.getLinks({ ifname: () => undefined })).length, 0, 'nothing is no');
  });

  t.test('of routes of a table that nobody filled', async (t) => {
    const nothing = (_turn: number, request: Uint8Array | undefined, seq: number) =>
      request === undefined ? undefined : { datagrams: [[done(seq, 2)]] };
    const { ipr } = scripted(t, main, nothing);
    t.same(await ipr.getRoutes({ table: 77, family: 'inet' }), []);
    t.equal((await ipr.getRouteColumns({ table: 77, family: 'inet' })).length, 0);
    await t.rejects(ipr.getLinks(), { code: 'ENOENT' }, 'elsewhere it is an error');
  });

  t.test('interrupted: again, partial, or an error', async (t) => {
    let tries = 0;
    const once = scripted(t, main, (_turn, _request, seq) => ({
      datagrams: [[...rows(seq), done(seq, 0, tries++ === 0 ? MULTI | DUMP_INTR : MULTI)]],
    }));
    t.equal((await once.ipr.getLinks()).length, 2, 'rows of the first try are not kept');
    t.equal(tries, 2);
    const always = () =>
      scripted(t, main, (_turn, _request, seq) => ({ datagrams: [[...rows(seq, MULTI | DUMP_INTR), done(seq)]] }));
    const first = always();
    const error = await first.ipr.getLinks().catch((reason) => reason);
    t.type(error, DumpInterruptedError);
    t.equal(error.partial.length, 2);
    t.equal(first.sockets[1]!.sent.length, 6, 'not for ever');
    t.equal((await always().ipr.getLinks({}, { onInterrupted: 'partial' })).length, 2);
    const thrown = always();
    await t.rejects(thrown.ipr.getLinks({}, { onInterrupted: 'throw' }), DumpInterruptedError);
    t.equal(thrown.sockets[1]!.sent.length, 1);
    let seen = 0;
    await t.rejects(
      (async () => {
        for await (const _ of always().ipr.links()) seen++;
      })(),
      DumpInterruptedError,
    );
    t.equal(seen, 2, 'a stream says so at its end');
    for await (const _ of always().ipr.links({}, { onInterrupted: 'partial' })) seen++;
    t.equal(seen, 4);
  });

  t.test('a stream that is left closes its socket, since rows are still coming', async (t) => {
    const { ipr, sockets } = scripted(t, main, (_turn, _request, seq) => ({ datagrams: [rows(seq)], why: 0 }));
    for await (const link of ipr.links()) {
      t.equal(link.ifname, 'lo');
      break;
    }
    t.ok(sockets[1]!.closed);
  });
});

t.test('messages that make no sense', async (t) => {
  const short = new Uint8Array([20, 0, 0, 0, 16, 0, 0, 0]);
  const { ipr } = scripted(t, (turn, _request, seq) =>
    turn === 0
      ? { datagrams: [[short], [msg(1, 0, seq)], [newLink(seq, 2, 'ok')]] }
      : { datagrams: [[msg(16, 0, seq, le32(0))]] },
  );
  t.equal((await ipr.link('get', { index: 2 })).ifname, 'ok');
  await t.rejects(ipr.link('get', { index: 2 }), { name: 'DecodeError' });
});

t.test('a kernel that does not filter: rows are matched here', async (t) => {
  // struct rtmsg: family, lengths, tos, table, protocol, scope, type, flags.
  const route = (seq: number, table: number) => msg(24, MULTI, seq, [2, 0, 0, 0, table, 4, 0, 1, 0, 0, 0, 0]);
  const old = (t: Test, options: { strictCheck?: boolean; refused: boolean }) => {
    const { refused, ...rest } = options;
    const ipr = new IPRoute({
      ...rest,
      transport: () => {
        const script = new Script((_turn, _request, seq) => ({
          datagrams: [[route(seq, 254), route(seq, 100), done(seq)]],
        }));
        return Object.assign(script, {
          setOption: (_level: number, name: number) => (refused && name === 12 ? -92 : 0),
        });
      },
    });
    t.teardown(() => ipr.close());
    return ipr;
  };
  for (const options of [{ refused: true }, { strictCheck: false, refused: false }]) {
    const ipr = old(t, options);
    t.same(
      (await ipr.getRoutes({ table: 100, proto: 'static' })).map(({ table }) => table),
      [100],
    );
    t.equal((await ipr.getDefaultRoutes()).length, 1);
    await t.rejects(ipr.getRoutes({ dev: 'eth0' }), { name: 'InputError', field: 'dev' });
    await t.rejects(ipr.getAddr({ dev: 'eth0' }), { name: 'InputError', field: 'dev' });
    await t.rejects(ipr.getRouteColumns({ table: 100 }), { name: 'InputError' });
  }
});

t.test('a transport that throws ends the request, and nothing is left of it', async (t) => {
  let broken = true;
  const { ipr } = scripted(t, (_turn, request, seq) => {
    if (request !== undefined && broken) throw new RangeError('no such thing');
    return { datagrams: [[newLink(seq, 5, 'mine')]] };
  });
  await t.rejects(ipr.link('get', { index: 5 }), { name: 'RangeError', message: 'no such thing' });
  await t.rejects(ipr.link('set', { index: 5, mtu: 1400 }), { name: 'RangeError' });
  const batch = ipr.batch();
  batch.link('set', { index: 5, mtu: 1400 }).link('set', { index: 5, mtu: 1500 });
  await t.rejects(batch.commit(), { name: 'BatchError' });
  t.equal(ipr.session.outstanding, 0, 'no answer is awaited');
  broken = false;
  t.equal((await ipr.link('get', { index: 5 })).ifname, 'mine');
  await ipr.close();
  // A promise that is still there would reject now, with nobody to take it.
  await tick();
});

t.test('a read whose second sending throws', async (t) => {
  const { ipr } = scripted(t, (turn) => {
    if (turn === 0) return { datagrams: [], why: ENOBUFS };
    if (turn > 1) throw new RangeError('the second time');
    return undefined;
  });
  await t.rejects(ipr.link('get', { index: 5 }), { message: 'the second time' });
  t.equal(ipr.session.outstanding, 0);
});
