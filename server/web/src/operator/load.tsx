// SPDX-License-Identifier: Apache-2.0
import { histogram, quantile, rate, sum } from './metrics';
import type { Reading } from './metrics';

const kRequests = 'msgd_http_requests_total';
const kSeconds = 'msgd_http_request_seconds';

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const bytes = (n: number) => (n < 1024 ** 3 ? `${number.format(n / 1024 ** 2)} MiB`
  : `${number.format(n / 1024 ** 3)} GiB`);
const milliseconds = (s: number | null) =>
  (s === null ? '–' : s === Infinity ? '> 2.5 s' : `≤ ${number.format(s * 1000)} ms`);

export function Load({ readings }: { readings: Reading[] }) {
  const now = readings.at(-1);
  if (!now) return <p class="hint">Reading…</p>;
  const before = readings.at(-2) ?? now;
  const minute = readings.find((one) => now.at - one.at <= 60_000) ?? now;
  const latency = histogram(minute === now ? null : minute, now, kSeconds);
  const series = (value: (from: Reading, to: Reading) => number) =>
    readings.slice(1).map((one, index) => value(readings[index]!, one));
  const errors = (from: Reading, to: Reading) => rate(from, to, kRequests, { status: '5xx' });
  const cpu = (from: Reading, to: Reading) => 100 * rate(from, to, 'process_cpu_seconds_total');
  const version = now.samples.find((one) => one.name === 'msgd_build_info')?.labels.version;
  const hasFiles = now.samples.some((one) => one.name === 'msgd_store_bytes');
  return (
    <>
      <section class="tiles" aria-label="Now">
        <Tile name="Node" value={`${sum(now, 'msgd_node')}`} more={`msgd ${version ?? ''}`} />
        <Tile name="Connections" value={number.format(sum(now, 'msgd_connections'))}
          more={`${sum(now, 'msgd_ws_connections')} WebSockets`} />
        <Tile name="In flight" value={number.format(sum(now, 'msgd_requests_in_flight'))}
          more={`${sum(now, 'msgd_worker_queue')} wait for a worker`} />
        <Tile name="Waiting for a commit" value={number.format(sum(now, 'msgd_commit_queue'))} />
        <Tile name="Store" value={hasFiles ? bytes(sum(now, 'msgd_store_bytes')) : '–'}
          more={hasFiles ? 'on disk' : 'no files of this node'} />
        <Tile name="Latency, last minute" value={milliseconds(quantile(latency, 0.5))}
          more={`p99 ${milliseconds(quantile(latency, 0.99))}`} />
        <Tile name="Memory" value={bytes(sum(now, 'process_resident_memory_bytes'))}
          more={`${sum(now, 'process_open_fds')} files open`} />
        <Tile name="CPU" value={`${number.format(cpu(before, now))} %`} />
      </section>
      <section class="charts" aria-label="The last five minutes">
        <Chart name="Requests a second" values={series((a, b) => rate(a, b, kRequests))} />
        <Chart name="Messages acknowledged a second"
          values={series((a, b) => rate(a, b, 'msgd_sends_acknowledged_total'))} />
        <Chart name="Frames out a second"
          values={series((a, b) => rate(a, b, 'msgd_ws_frames_out_total'))} />
        <Chart name="Server errors a second" values={series(errors)} />
        <Chart name="Refused as too often, a second"
          values={series((a, b) => rate(a, b, 'msgd_rate_limited_total'))} />
        <Chart name="CPU, percent of a core" values={series(cpu)} />
      </section>
      <Latencies buckets={latency} />
      <Routes from={minute === now ? null : minute} now={now} />
    </>
  );
}

function Tile({ name, value, more }: { name: string; value: string; more?: string }) {
  return (
    <div class="tile">
      <h2>{name}</h2>
      <p class="tabular">{value}</p>
      <small class="hint">{more ?? '\u00a0'}</small>
    </div>
  );
}

function Chart({ name, values }: { name: string; values: number[] }) {
  const width = 300;
  const height = 64;
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map((value, index) =>
    `${(index * step).toFixed(1)},${(height - 2 - (value / most) * (height - 6)).toFixed(1)}`);
  const last = number.format(values.at(-1) ?? 0);
  return (
    <figure class="chart">
      <figcaption>{name}<b class="tabular">{last}</b></figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img"
        aria-label={`${name}: now ${last}, at most ${number.format(most)}`}>
        {points.length > 1 && (
          <>
            <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} />
            <polyline points={points.join(' ')} />
          </>
        )}
      </svg>
    </figure>
  );
}

function Latencies({ buckets }: { buckets: { le: number; count: number }[] }) {
  const most = Math.max(1, ...buckets.map((one) => one.count));
  return (
    <section class="panel">
      <h2>How long requests took, last minute</h2>
      <ul class="bars">
        {buckets.map(({ le, count }) => (
          <li>
            <span class="tabular">{milliseconds(le)}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect width={(count / most) * 100} height="10" />
            </svg>
            <span class="tabular">{number.format(count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was asked most in the last minute, and where errors were. */
function Routes({ from, now }: { from: Reading | null; now: Reading }) {
  const grown = (route: string, status: string) => sum(now, kRequests, { route, status })
    - (from ? sum(from, kRequests, { route, status }) : 0);
  const routes = [...new Set(now.samples.filter((one) => one.name === kRequests)
    .map((one) => one.labels.route!))];
  const rows = routes.map((route) => ({
    route,
    good: grown(route, '2xx'),
    refused: grown(route, '4xx'),
    failed: grown(route, '5xx'),
    p99: quantile(histogram(from, now, kSeconds, { route }), 0.99),
  })).filter((row) => row.good + row.refused + row.failed > 0)
    .sort((a, b) => b.failed - a.failed || b.good + b.refused - a.good - a.refused).slice(0, 20);
  return (
    <section class="panel">
      <h2>Routes, last minute</h2>
      <div class="wide-table" tabIndex={0} role="region" aria-label="Routes">
        <table>
          <thead><tr><th>Route</th><th>Done</th><th>Refused (4xx)</th><th>Failed (5xx)</th>
            <th>p99</th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                <td><code>{row.route}</code></td>
                <td class="tabular">{row.good}</td>
                <td class="tabular">{row.refused}</td>
                <td class={`tabular ${row.failed ? 'error' : ''}`}>{row.failed}</td>
                <td class="tabular">{milliseconds(row.p99)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p class="hint">Nothing was asked.</p>}
    </section>
  );
}
