// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import type { NodeStatus, NodeStatusList, Rest } from '../msg';
import { usePolled } from './polled';

const kEveryMs = 2000;

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** "40 s", "12 min", "5 h", "3 days": the one unit that tells most. */
function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

const between = (from: string, to: string) => span(Date.parse(to) - Date.parse(from));

/** The nodes on the store, as the one that answers hears of them. */
export function Nodes({ rest }: { rest: Rest }) {
  const { answer, error } = usePolled<NodeStatusList>(rest, '/nodes', kEveryMs);
  const nodes = answer?.items ?? [];
  const own = nodes.find((one) => one.self);
  return (
    <section class="panel">
      <h2>Nodes</h2>
      {error && <p class="hint">{error}</p>}
      {own && (
        <div class="wide-table" tabIndex={0} role="region" aria-label="Nodes">
          <table class="nodes">
            <thead><tr><th>Node</th><th>Heard</th><th>Connections</th><th>Sends/s</th>
              <th>Frames/s</th><th>Up</th><th>Version</th><th>Reaches</th></tr></thead>
            <tbody>{nodes.map((one) => <Row key={one.address + one.started_at} node={one}
              now={own.seen_at} />)}</tbody>
          </table>
        </div>
      )}
      {own && <p class="hint">{remark(own, nodes.length)}</p>}
    </section>
  );
}

function remark(own: NodeStatus, count: number): string {
  if (own.bus_connected === null) {
    return 'There is no bus, so this node knows of no other on its store.';
  }
  if (!own.bus_connected) return 'The bus is away: who is silent here may be well.';
  return count > 1 ? `All below is of node ${own.node}, which answers.` : 'No other is heard of.';
}

/** Of a silent one only what does not change by itself is shown. */
function Row({ node, now }: { node: NodeStatus; now: string }) {
  const figure = (value: number) => (node.silent ? '–' : number.format(value));
  const age = between(node.seen_at, now);
  return (
    <tr class={node.silent ? 'silent' : ''}>
      <th scope="row">
        <span class={`dot ${node.silent ? 'away' : ''}`} aria-hidden="true" />
        <b class="tabular">{node.node}</b>{node.self && <span class="badge">answers</span>}
        <small class="hint">{node.host} · {node.address}</small>
      </th>
      <td class={`heard tabular ${node.silent ? 'error' : ''}`}>
        {node.silent ? `silent for ${age}` : age === '0 s' ? 'now' : `${age} ago`}
      </td>
      <Cell name="Connections">{figure(node.connections)}</Cell>
      <Cell name="Sends/s">{figure(node.sends_per_second)}</Cell>
      <Cell name="Frames/s">{figure(node.frames_per_second)}</Cell>
      <Cell name="Up">{node.silent ? '–' : between(node.started_at, now)}</Cell>
      <Cell name="Version">{node.version}</Cell>
      <Cell name="Reaches">{node.silent ? '–' : <Links node={node} />}</Cell>
    </tr>
  );
}

/** Its name is shown where the table has no room for a head. */
function Cell({ name, children }: { name: string; children: ComponentChildren }) {
  return <td class="tabular" data-name={name}>{children}</td>;
}

function Links({ node }: { node: NodeStatus }) {
  const links: [string, boolean | null][] = [
    ['store', node.store_ready], ['bus', node.bus_connected], ['cache', node.cache_connected]];
  return (
    <>
      {links.filter(([, up]) => up !== null).map(([name, up], index) => (
        <>
          {index > 0 && ', '}
          <span class={up ? '' : 'error'}>{up ? name : `not the ${name}`}</span>
        </>
      ))}
    </>
  );
}
