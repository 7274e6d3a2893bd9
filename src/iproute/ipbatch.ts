/** IPBatch: the verbs of IPRoute as bytes, without a socket. */
import { InputError, show } from '../codec/errors.js';
import { NLM_F_ACK } from '../codec/header.js';
import { Writer } from '../codec/writer.js';
import type { BatchOutcome } from '../netlink/batch.js';
import { type NetlinkSocket, type Outgoing, writeMessage } from '../netlink/socket.js';
import { Batch } from './batch.js';

export interface IPBatchOptions {
  /** Indexes of the interfaces that are given by name. Other names are refused. */
  interfaces?: Readonly<Record<string, number>> | ReadonlyMap<string, number> | undefined;
  /** Whether each message asks for an acknowledgement (NLM_F_ACK). Default true. */
  ack?: boolean | undefined;
}

/**
 * Compiles the verbs of a batch to netlink messages, one after the other: `new IPBatch().link('set', { index: 2, state:
 * 'up' }).data`. It needs no socket and no Linux. Messages are numbered from 1.
 */
export class IPBatch extends Batch {
  readonly #interfaces: ReadonlyMap<string, number>;
  readonly #flags: number;
  readonly #writer = new Writer(1024);
  #count = 0;

  constructor(options: IPBatchOptions = {}) {
    super(undefined as unknown as NetlinkSocket);
    if (typeof options !== 'object' || options === null)
      throw new InputError('ERR_INVALID_VALUE', 'options', `expected an object, got ${show(options)}`);
    for (const key of Object.keys(options))
      if (key !== 'interfaces' && key !== 'ack') throw new InputError('ERR_UNKNOWN_KEY', key, 'unknown option');
    const { interfaces = {}, ack = true } = options;
    if (typeof interfaces !== 'object' || interfaces === null)
      throw new InputError('ERR_INVALID_VALUE', 'interfaces', `expected indexes by name, got ${show(interfaces)}`);
    if (typeof ack !== 'boolean')
      throw new InputError('ERR_INVALID_VALUE', 'ack', `expected true or false, got ${show(ack)}`);
    this.#interfaces = new Map(interfaces instanceof Map ? interfaces : Object.entries(interfaces));
    for (const [name, index] of this.#interfaces)
      if (!Number.isInteger(index) || index < 1 || index > 0x7fffffff)
        throw new InputError('ERR_INVALID_VALUE', `interfaces.${name}`, `${show(index)} is no index of an interface`);
    this.#flags = ack ? NLM_F_ACK : 0;
  }

  /** Number of messages. */
  override get length(): number {
    return this.#count;
  }

  /** The messages, as a copy. */
  get data(): Uint8Array {
    return this.#writer.bytes();
  }

  /** Forgets all messages. */
  reset(): this {
    this.#writer.reset();
    this.#count = 0;
    return this;
  }

  override add(out: Outgoing): this {
    const w = this.#writer;
    const start = w.pos;
    try {
      writeMessage(w, out, this.#flags, this.#count + 1);
      for (const { what, p, name } of w.references) {
        const index = what === 'interface' ? this.#interfaces.get(name) : undefined;
        if (index === undefined)
          throw new InputError(
            'ERR_INVALID_VALUE',
            what === 'interface' ? 'dev' : 'netns',
            what === 'interface'
              ? `${show(name)} is in no list of interfaces, and nobody can be asked`
              : `${show(name)}: an open descriptor is needed, which is only good in this process`,
          );
        w.u32[p >> 2] = index;
      }
      w.references = [];
    } catch (error) {
      w.back(start, 0);
      throw error;
    }
    this.#count++;
    return this;
  }

  /** There is no socket: whoever wants the messages sent sends `data`. */
  override commit(): Promise<BatchOutcome> {
    return Promise.reject(new InputError('ERR_INVALID_VALUE', 'commit', 'an IPBatch has no socket; send its data'));
  }
}
