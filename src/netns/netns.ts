/** NetNS: an IPRoute inside a named namespace. */
import { InputError, show } from '../codec/errors.js';
import type { IPRouteOptions } from '../iproute/base.js';
import { IPRoute } from '../iproute/iproute.js';
import { makeSure, unmake } from './make.js';
import { fileOf } from './names.js';
import { runLater, runNow } from './steps.js';

export interface NetNSOptions extends Omit<IPRouteOptions, 'netns'> {
  /** Make the namespace when it is not there. Takes milliseconds in which the event loop stands still; `netns.create` does not. */
  create?: boolean | undefined;
}

function prepare(name: string, options: NetNSOptions): boolean {
  fileOf(name);
  if (typeof options !== 'object' || options === null)
    throw new InputError('ERR_INVALID_VALUE', 'options', `expected an object, got ${show(options)}`);
  const { create = false } = options;
  if (typeof create !== 'boolean')
    throw new InputError('ERR_INVALID_VALUE', 'create', `expected true or false, got ${show(create)}`);
  if ('netns' in options) throw new InputError('ERR_CONFLICT', 'netns', 'is given already, as the name');
  return create && runNow(makeSure(name));
}

/**
 * The links, addresses and routes of a named namespace. Works like IPRoute, in any number of namespaces at once.
 * Throws when there is no such namespace (an Error with `code: 'ENOENT'`) and it is not to be made.
 */
export class NetNS extends IPRoute {
  /** Name of the namespace. */
  readonly netns: string;

  constructor(name: string, options: NetNSOptions = {}) {
    const made = prepare(name, options);
    const { create, ...rest } = options;
    try {
      super({ ...rest, netns: name });
    } catch (error) {
      if (made) runNow(unmake(name));
      throw error;
    }
    this.netns = name;
  }

  /** Closes, and takes the name from the namespace; it ends when nothing else holds it. */
  async remove(): Promise<void> {
    await this.close();
    await runLater(unmake(this.netns));
  }
}
