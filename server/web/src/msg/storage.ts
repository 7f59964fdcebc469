// SPDX-License-Identifier: Apache-2.0
import type { Id, Member, Message, Seq, User, View } from './types';

/** A message on its way out. It keeps its `client_id`, so it is sent once, however often it is. */
export interface Outgoing {
  client_id: string;
  conversation_id: Id;
  content: string;
  reply_to: Seq | null;
  mentions: Id[];
  /** When it was written, RFC 3339. */
  at: string;
  /** Of this device; keeps the order in which they were written. */
  order: number;
  /** Why the server refuses it for good; null while it is on its way. */
  refused: string | null;
}

export interface Draft {
  conversation_id: Id;
  text: string;
  reply_to: Seq | null;
}

/** Name of a table, what it holds. */
export interface Tables {
  meta: { key: string; value: string };
  views: View;
  messages: Message;
  members: Member;
  users: User;
  outbox: Outgoing;
  drafts: Draft;
}
export type TableName = keyof Tables;

export type Write = {
  [T in TableName]:
    | { table: T; put: Tables[T] }
    | { table: T; remove: IDBValidKey };
}[TableName] | { forget: { conversation_id: Id; from: Seq; to: Seq } };

/** A device's copy. What is written in one call is there as a whole or not at all. */
export interface Storage {
  all<T extends Exclude<TableName, 'messages'>>(table: T): Promise<Tables[T][]>;
  /** In order of seq, both ends included; those that are not here are left out. */
  messages(conversation: Id, from: Seq, to: Seq): Promise<Message[]>;
  write(writes: Write[]): Promise<void>;
  /** Everything but the outbox and drafts, which no server can give back. */
  clear(): Promise<void>;
  /** Everything, and the storage itself. */
  destroy(): Promise<void>;
  close(): void;
}

export function keyOf(table: TableName, value: Tables[TableName]): IDBValidKey {
  switch (table) {
    case 'meta': return (value as Tables['meta']).key;
    case 'views': return (value as View).conversation.id;
    case 'messages': return [(value as Message).conversation_id, (value as Message).seq];
    case 'members': return [(value as Member).conversation_id, (value as Member).user_id];
    case 'users': return (value as User).id;
    case 'outbox': return (value as Outgoing).client_id;
    case 'drafts': return (value as Draft).conversation_id;
  }
}

export const kFromServer: TableName[] = ['meta', 'views', 'messages', 'members', 'users'];
export const kTables: TableName[] = [...kFromServer, 'outbox', 'drafts'];

/** For programs without IndexedDB, and browsers that deny it. */
export class MemoryStorage implements Storage {
  private readonly tables = new Map(
    kTables.map((table) => [table, new Map<string, Tables[TableName]>()]));

  all<T extends TableName>(table: T): Promise<Tables[T][]> {
    return Promise.resolve([...this.tables.get(table)!.values()] as Tables[T][]);
  }

  messages(conversation: Id, from: Seq, to: Seq): Promise<Message[]> {
    const found = [...this.tables.get('messages')!.values() as Iterable<Message>]
      .filter((m) => m.conversation_id === conversation && m.seq >= from && m.seq <= to);
    return Promise.resolve(found.sort((a, b) => a.seq - b.seq));
  }

  write(writes: Write[]): Promise<void> {
    for (const write of writes) {
      if ('forget' in write) {
        const { conversation_id: id, from, to } = write.forget;
        for (const [key, m] of this.tables.get('messages')! as Map<string, Message>) {
          if (m.conversation_id === id && m.seq >= from && m.seq <= to) {
            this.tables.get('messages')!.delete(key);
          }
        }
      } else if ('put' in write) {
        const key = JSON.stringify(keyOf(write.table, write.put));
        this.tables.get(write.table)!.set(key, structuredClone(write.put));
      } else {
        this.tables.get(write.table)!.delete(JSON.stringify(write.remove));
      }
    }
    return Promise.resolve();
  }

  clear(): Promise<void> {
    for (const table of kFromServer) this.tables.get(table)!.clear();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    for (const table of this.tables.values()) table.clear();
    return Promise.resolve();
  }

  close(): void {}
}
