// SPDX-License-Identifier: Apache-2.0
import { keyOf, kFromServer, kTables, MemoryStorage } from './storage';
import type { Storage, TableName, Tables, Write } from './storage';
import type { Id, Message, Seq } from './types';

const kVersion = 2;

/** The storage of that name in this browser; in memory where it keeps none (private windows). */
export async function openStorage(name: string): Promise<Storage> {
  try {
    return new IndexedDbStorage(name, await open(name));
  } catch {
    return new MemoryStorage();
  }
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, kVersion);
    request.onupgradeneeded = () => {
      // What an earlier version of this page kept of the server's is asked for again.
      const { result: db } = request;
      for (const table of [...db.objectStoreNames]) {
        if (table !== 'outbox' && table !== 'drafts') db.deleteObjectStore(table);
      }
      for (const table of kTables) {
        if (!db.objectStoreNames.contains(table)) db.createObjectStore(table);
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('blocked'));
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

class IndexedDbStorage implements Storage {
  constructor(private readonly name: string, private readonly db: IDBDatabase) {
    // Another tab signs out, or brings a newer version of this page.
    db.onversionchange = () => db.close();
  }

  all<T extends TableName>(table: T): Promise<Tables[T][]> {
    return result(this.db.transaction(table).objectStore(table).getAll() as IDBRequest<Tables[T][]>);
  }

  messages(conversation: Id, from: Seq, to: Seq): Promise<Message[]> {
    const range = IDBKeyRange.bound([conversation, from], [conversation, to]);
    return result(this.db.transaction('messages').objectStore('messages').getAll(range));
  }

  write(writes: Write[]): Promise<void> {
    const tables = new Set(writes.map((w) => ('forget' in w ? 'messages' : w.table)));
    const transaction = this.db.transaction([...tables], 'readwrite');
    for (const write of writes) {
      if ('forget' in write) {
        const { conversation_id: id, from, to } = write.forget;
        transaction.objectStore('messages').delete(IDBKeyRange.bound([id, from], [id, to]));
      } else if ('put' in write) {
        transaction.objectStore(write.table).put(write.put, keyOf(write.table, write.put));
      } else {
        transaction.objectStore(write.table).delete(write.remove);
      }
    }
    return done(transaction);
  }

  clear(): Promise<void> {
    const transaction = this.db.transaction(kFromServer, 'readwrite');
    for (const table of kFromServer) transaction.objectStore(table).clear();
    return done(transaction);
  }

  async destroy(): Promise<void> {
    this.db.close();
    indexedDB.deleteDatabase(this.name);
  }

  close(): void {
    this.db.close();
  }
}
