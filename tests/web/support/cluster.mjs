// SPDX-License-Identifier: Apache-2.0
// Several msgd on one PostgreSQL and one NATS.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Msgd } from './msgd.mjs';

const kServices = fileURLToPath(new URL('services.py', import.meta.url));

export class Cluster {
  /** Nodes 1 … `count`; `args` go to each. */
  static async start(count, args = []) {
    const made = new Cluster();
    made.services = spawn('/usr/bin/python3', ['-B', kServices],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    made.ended = once(made.services, 'exit');
    const [line] = await Promise.race([once(createInterface(made.services.stdout), 'line'),
      made.ended.then(() => { throw new Error('no PostgreSQL or no NATS'); })]);
    const { store, bus } = JSON.parse(line);
    made.nodes = [];
    for (let node = 1; node <= count; ++node) {
      made.nodes.push(await Msgd.start(
        [`--store=${store}`, `--bus=${bus}`, `--node=${node}`, ...args]));
    }
    return made;
  }

  async stop() {
    for (const node of this.nodes) await node.stop();
    this.services.stdin.end();
    await this.ended;
  }
}
