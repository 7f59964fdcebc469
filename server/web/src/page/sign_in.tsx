// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import { MsgError, Rest } from '../msg';
import type { CodeRequested, SignedIn } from '../msg';
import { Avatar } from './parts';
import { signedIn } from './state';

const rest = new Rest({ base: location.origin });
const device = () => {
  const agent = navigator.userAgent;
  const browser = /Firefox|Edg|OPR|Chrome|Safari/.exec(agent)?.[0] ?? 'Browser';
  const system = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent)?.[0] ?? '';
  return `${{ Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser}${system && ` on ${system}`}`;
};

export function SignIn() {
  return (
    <main class="sign-in">
      <div class="card">
        <img class="logo" src="/icon.svg" alt="" width={44} height={44} />
        <Phone />
        <Demo />
      </div>
    </main>
  );
}

interface Asked extends CodeRequested {
  phone: string;
  nonce: string;
}

function Phone() {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [needsPin, setNeedsPin] = useState(false);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);

  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError('');
    try {
      await work();
    } catch (problem) {
      const field = problem instanceof MsgError ? problem.field : null;
      if (field === '/pin') setNeedsPin(true);
      setError(problem instanceof Error ? problem.message : String(problem));
    }
    setBusy(false);
  };
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    const phone = String(new FormData(event.currentTarget as HTMLFormElement).get('phone'));
    const nonce = crypto.randomUUID();
    void run(async () => {
      const answer = await rest.post<CodeRequested>('/auth/codes', { phone, device_nonce: nonce });
      setAsked({ ...answer, phone, nonce });
    });
  };
  const show = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void run(async () => {
      await signedIn(await rest.post<SignedIn>('/auth/sessions', {
        request_id: asked!.request_id,
        device_nonce: asked!.nonce,
        code: String(form.get('code')).replace(/\s/g, ''),
        device_name: device(),
        ...(needsPin ? { pin: String(form.get('pin')) } : {}),
      }));
    });
  };

  if (!asked) {
    return (
      <form onSubmit={ask}>
        <div>
          <h1>Sign in</h1>
          <p>A code is sent to your phone.</p>
        </div>
        <label class="field">
          <span>Phone number</span>
          <input class="input" name="phone" type="tel" autocomplete="tel" required autofocus
            placeholder="+1 415 555 0142" />
        </label>
        {error && <p class="error" role="alert">{error}</p>}
        <button class="button primary wide" disabled={busy}>Continue</button>
      </form>
    );
  }
  return (
    <form onSubmit={show}>
      <div>
        <h1>Enter the code</h1>
        <p>It went to {asked.phone}, and is good for {Math.round(asked.lifetime_s / 60)} minutes.</p>
      </div>
      <label class="field">
        <span>Code</span>
        <input class="input code" name="code" inputMode="numeric" autocomplete="one-time-code"
          pattern="[0-9 ]{6,7}" required autofocus />
      </label>
      {needsPin && (
        <label class="field">
          <span>PIN of your account</span>
          <input class="input" name="pin" type="password" autocomplete="current-password" required />
        </label>
      )}
      {error && <p class="error" role="alert">{error}</p>}
      <button class="button primary wide" disabled={busy}>Sign in</button>
      <button type="button" class="button wide" onClick={() => setAsked(null)}>
        Another number
      </button>
    </form>
  );
}

interface DemoUser {
  id: string;
  display_name: string;
}

/** On a server that runs with --dev, for a browser on the same machine; elsewhere it is absent. */
function Demo() {
  const [users, setUsers] = useState<DemoUser[]>([]);
  const [error, setError] = useState('');
  useEffect(() => {
    fetch('/demo/users', { credentials: 'omit' })
      .then((answer) => (answer.ok ? answer.json() : { users: [] }))
      .then((answer: { users: DemoUser[] }) => setUsers(answer.users), () => undefined);
  }, []);
  const enter = async (user: DemoUser) => {
    const answer = await fetch('/demo/sessions', {
      method: 'POST',
      credentials: 'omit',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ user_id: user.id, device_name: device() }),
    });
    const body = await answer.json() as SignedIn & { detail?: string };
    if (answer.ok) await signedIn(body);
    else setError(body.detail ?? 'That did not work.');
  };
  if (users.length === 0) return null;
  return (
    <section class="demo" aria-label="Demo users">
      <p class="hint">This server runs with <code>--dev</code>: come in as one of its demo users.
        Two of them in two windows can talk to each other.</p>
      <div class="demo-users">
        {users.map((user) => (
          <button type="button" onClick={() => void enter(user)}>
            <Avatar id={user.id} name={user.display_name} size={44} />
            {user.display_name}
          </button>
        ))}
      </div>
      {error && <p class="error" role="alert">{error}</p>}
    </section>
  );
}
