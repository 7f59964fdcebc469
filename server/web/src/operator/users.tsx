// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import type { Rest, Session, SessionList, User, UserPage } from '../msg';

/** Finds a user, shows where they are signed in, and signs them out. */
export function Users({ rest }: { rest: Rest }) {
  const [user, setUser] = useState<User | null>(null);
  const [sessions, setSessions] = useState<Session[]>([]);
  const [error, setError] = useState('');

  const attempt = async (work: () => Promise<void>) => {
    try {
      setError('');
      await work();
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  const list = async (found: User) => {
    const answer = await rest.ask<SessionList>('GET', '/sessions', undefined, undefined, found.id);
    setSessions(answer.items);
  };
  const find = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget as HTMLFormElement).get('who')).trim();
    void attempt(async () => {
      setUser(null);
      const found = await lookUp(rest, typed);
      if (!found) throw new Error('There is no such user.');
      setUser(found);
      await list(found);
    });
  };
  const end = (session: Session) => attempt(async () => {
    await rest.ask('DELETE', `/sessions/${session.id}`, undefined, undefined, user!.id);
    await list(user!);
  });
  return (
    <section class="panel">
      <h2>A user</h2>
      <form class="find" onSubmit={find}>
        <input class="input" name="who" aria-label="Username, phone number or id" required
          placeholder="Username, +phone or id" autocapitalize="none" spellcheck={false} />
        <button class="button">Find</button>
      </form>
      {error && <p class="error" role="alert">{error}</p>}
      {user && (
        <>
          <p><b>{user.display_name}</b> {user.username && `@${user.username} `}
            <span class="hint tabular">{user.phone} · {user.id} · since{' '}
              {new Date(user.created_at).toLocaleDateString()}</span></p>
          <ul class="sessions">
            {sessions.map((one) => (
              <li>
                <span>{one.device_name || 'Unnamed device'}
                  <small class="hint">last used {new Date(one.last_seen_at).toLocaleString()}</small>
                </span>
                <button type="button" class="button small danger" onClick={() => void end(one)}>
                  Revoke
                </button>
              </li>
            ))}
          </ul>
          {sessions.length === 0 && <p class="hint">Signed in nowhere.</p>}
        </>
      )}
    </section>
  );
}

async function lookUp(rest: Rest, typed: string): Promise<User | undefined> {
  if (/^\d{10,}$/.test(typed)) return rest.get<User>(`/users/${typed}`);
  const query = typed.startsWith('+')
    ? { phone: typed } : { username: typed.replace(/^@/, '').toLowerCase() };
  return (await rest.get<UserPage>('/users', query)).items[0];
}
