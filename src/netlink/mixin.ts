/** What mixins of sockets are made of. */
import type { NetlinkSocket } from './socket.js';

/** A class of sockets, whatever its constructor takes. */
export type SocketClass<S extends NetlinkSocket = NetlinkSocket> = new (...args: never[]) => S;

/** A class with what a mixin adds: the same constructor and static members, and more methods. */
export type Mixed<B extends SocketClass, M> = Omit<B, 'prototype'> &
  (new (
    ...args: ConstructorParameters<B>
  ) => InstanceType<B> & M);
