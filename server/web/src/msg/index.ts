// SPDX-License-Identifier: Apache-2.0
// The client library: everything a program needs to chat, nothing of a page.
//
//   const client = new Client({ base: 'http://127.0.0.1:3000', token: 'mss_…' });
//   client.onChange(({ what }) => …);
//   await client.open();
//   client.send(client.list()[0]!.conversation.id, 'Hello!');
export * from './client';
export type { ConnectionState } from './connection';
export { openStorage } from './indexed_db';
export { activityOf, rangeOf, stateOf } from './model';
export { MsgError } from './problem';
export { Rest } from './rest';
export { MemoryStorage } from './storage';
export type { Draft, Outgoing, Storage } from './storage';
export type { Timeline } from './timeline';
export * from './types';
