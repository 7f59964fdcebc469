// SPDX-License-Identifier: Apache-2.0
import type { Rest } from './rest';
import type { Write } from './storage';
import type { Id, Presence, User } from './types';

const kAtOnce = 4;
const kRefreshMs = 24 * 3600_000;

/** Who the others are, whether they are there, and what they are doing just now. */
export class People {
  readonly users = new Map<Id, User>();
  readonly presence = new Map<Id, Presence>();
  private readonly typing = new Map<Id, Map<Id, ReturnType<typeof setTimeout>>>();
  private readonly wanted = new Set<Id>();
  private readonly asked = new Map<Id, number>();
  private running = 0;

  constructor(
    private readonly rest: Rest,
    private readonly store: (writes: Write[]) => void,
    private readonly changed: (what: 'users' | 'presence' | 'typing') => void,
  ) {}

  /** What is known of that user; asks for what is not. */
  find(id: Id): User | undefined {
    const known = this.users.get(id);
    const asked = this.asked.get(id) ?? 0;
    if ((!known || asked === 0) && Date.now() - asked > kRefreshMs) {
      this.asked.set(id, Date.now());
      this.wanted.add(id);
      queueMicrotask(() => this.pump());
    }
    return known;
  }

  take(user: User): void {
    const known = this.users.get(user.id);
    this.users.set(user.id, user);
    if (known && known.updated_at === user.updated_at) return;
    this.store([{ table: 'users', put: user }]);
    this.changed('users');
  }

  /** After a connection has come back: those who could not be asked for are again. */
  resume(): void {
    for (const id of this.asked.keys()) if (!this.users.has(id)) this.wanted.add(id);
    this.pump();
  }

  private pump(): void {
    while (this.running < kAtOnce && this.wanted.size > 0) {
      const id = this.wanted.values().next().value as Id;
      this.wanted.delete(id);
      this.running += 1;
      this.rest.get<User>(`/users/${id}`)
        .then((user) => this.take(user), () => undefined)
        .finally(() => {
          this.running -= 1;
          this.pump();
        });
    }
  }

  setPresence(users: Presence[]): void {
    for (const one of users) this.presence.set(one.user_id, one);
    this.changed('presence');
  }

  typed(conversation: Id, user: Id, expiresInMs: number): void {
    let writers = this.typing.get(conversation);
    if (!writers) this.typing.set(conversation, (writers = new Map()));
    clearTimeout(writers.get(user));
    writers.set(user, setTimeout(() => this.stopped(conversation, user), expiresInMs));
    this.changed('typing');
  }

  /** Who has sent what they wrote writes no more. */
  stopped(conversation: Id, user: Id): void {
    const writers = this.typing.get(conversation);
    if (!writers?.has(user)) return;
    clearTimeout(writers.get(user));
    writers.delete(user);
    this.changed('typing');
  }

  writersOf(conversation: Id): Id[] {
    return [...this.typing.get(conversation)?.keys() ?? []];
  }
}
