// SPDX-License-Identifier: Apache-2.0
import '../page/style/base.css';
import './operator.css';
import { signal } from '@preact/signals';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { Rest } from '../msg';
import { Load } from './load';
import { parse } from './metrics';
import type { Reading } from './metrics';
import { Nodes } from './nodes';
import { Problems } from './problems';
import { Users } from './users';

const kEveryMs = 2000;
const kKept = 150;

// In this tab's memory only: a reload asks again, and nothing is left behind.
const key = signal('');
const readings = signal<Reading[]>([]);
const failure = signal('');

async function read(secret: string): Promise<void> {
  const headers: Record<string, string> = secret ? { Authorization: `Bearer ${secret}` } : {};
  const answer = await fetch('/metrics', { headers, credentials: 'omit', cache: 'no-store' });
  if (!answer.ok) {
    const refused = answer.status === 401 || answer.status === 403;
    throw new Error(refused ? 'That is no key that may read metrics.' : `HTTP ${answer.status}`);
  }
  const samples = parse(await answer.text());
  readings.value = [...readings.value.slice(1 - kKept), { at: Date.now(), samples }];
  failure.value = '';
}

function App() {
  return key.value ? <Operation /> : <Ask />;
}

function Ask() {
  const enter = async (event: SubmitEvent) => {
    event.preventDefault();
    const secret = String(new FormData(event.currentTarget as HTMLFormElement).get('key')).trim();
    try {
      await read(secret);
      key.value = secret;
    } catch (error) {
      failure.value = (error as Error).message;
    }
  };
  return (
    <main class="ask">
      <form onSubmit={(event) => void enter(event)}>
        <h1>Operation</h1>
        <p class="hint">A server key with the scopes <code>read_metrics</code>, for the figures,
          and <code>admin</code>, for the log and the users. It stays in this tab.</p>
        <label class="field"><span>Key</span>
          <input class="input" name="key" type="password" required autofocus autocomplete="off"
            placeholder="msk_…" />
        </label>
        {failure.value && <p class="error" role="alert">{failure.value}</p>}
        <button class="button primary wide">Show</button>
      </form>
    </main>
  );
}

function Operation() {
  const rest = new Rest({ base: location.origin, token: key.value });
  useEffect(() => {
    const timer = setInterval(() => {
      read(key.value).catch((error: Error) => (failure.value = error.message));
    }, kEveryMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="operation">
      <header>
        <h1>Operation</h1>
        <span class={failure.value ? 'error' : 'hint'} role="status">
          {failure.value ? `No answer: ${failure.value}` : 'live, every two seconds'}
        </span>
        <button type="button" class="button small" onClick={() => {
          key.value = '';
          readings.value = [];
        }}>Forget the key</button>
      </header>
      <Nodes rest={rest} />
      <Load readings={readings.value} />
      <Problems rest={rest} />
      <Users rest={rest} />
    </main>
  );
}

render(<App />, document.getElementById('app')!);
