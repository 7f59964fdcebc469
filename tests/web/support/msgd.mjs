// SPDX-License-Identifier: Apache-2.0
// Starts the real msgd, named by MSGD, in a folder of its own; it is known to be up by its log.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const kPatienceMs = 30_000;

export class Msgd {
  /** `args` go to msgd as they are; the port is any free one, and the same after a restart. */
  static async start(args = []) {
    const made = new Msgd();
    made.folder = mkdtempSync(join(tmpdir(), 'msgd-web-'));
    made.args = args;
    made.port = 0;
    await made.run();
    return made;
  }

  async run() {
    const binary = process.env.MSGD;
    if (!binary) throw new Error('set MSGD to the program under test, as ctest does');
    const environment = Object.fromEntries(Object.entries(process.env)
      .filter(([name]) => !name.startsWith('MSG_') && name !== 'PORT' && name !== 'MSGD'));
    this.log = [];
    this.process = spawn(binary, ['--dev', '--log-format', 'json', '--no-rate-limits',
      '--listen', `127.0.0.1:${this.port}`, ...this.args],
    { cwd: this.folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    this.ended = once(this.process, 'exit');
    const lines = createInterface({ input: this.process.stderr });
    this.port = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not up: ${this.log.join('\n')}`)), kPatienceMs);
      const ready = (entry) => {
        clearTimeout(late);
        resolve(entry.port);
      };
      let port;
      lines.on('line', (line) => {
        this.log.push(line);
        if (line.includes('"listening"')) port = JSON.parse(line);
        if (line.includes('"dev.seeded"')) {
          this.tokensFile = JSON.parse(line).file;
          ready(port);
        }
      });
      this.ended.then(() => reject(new Error(`ended: ${this.log.join('\n')}`)));
    });
    this.url = `http://127.0.0.1:${this.port}`;
    this.page = process.env.LIBMSG_PAGE ?? `${this.url}/`;
  }

  get tokens() {
    return JSON.parse(readFileSync(resolve(this.folder, this.tokensFile), 'utf8'));
  }

  /** As a crash would: nothing is finished, nothing is told. */
  async kill() {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One request; `who` is a name of a demo user, a token, or a key with the user it acts as. */
  async ask(who, method, path, body) {
    const { users, key } = this.tokens;
    const headers = { 'Content-Type': 'application/json' };
    const token = users[who]?.token ?? who.token ?? key;
    headers.Authorization = `Bearer ${token}`;
    if (who.as) headers['X-User-Id'] = who.as;
    const answer = await fetch(`${this.url}/api/v1${path}`,
      { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** A user, with a token; those that --dev makes are there already. */
  async user(username, display_name, about = '') {
    const phone = `+1415555${String(2000 + (this.made = (this.made ?? 0) + 1))}`;
    const user = await this.ask({}, 'POST', '/users', { phone, username, display_name, about });
    const { token } = await this.ask({}, 'POST', `/users/${user.id}/sessions`, {});
    return { ...user, token };
  }
}
