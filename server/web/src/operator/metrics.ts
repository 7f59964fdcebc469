// SPDX-License-Identifier: Apache-2.0
// What /metrics says, and what two readings of it say about the time between them.

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The text format of Prometheus, as msgd writes it. */
export function parse(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const found = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!found) continue;
    const labels = Object.fromEntries(
      [...(found[2] ?? '').matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)].map((m) => [m[1]!, m[2]!]));
    samples.push({ name: found[1]!, labels, value: Number(found[3]) });
  }
  return samples;
}

export interface Reading {
  at: number;
  samples: Sample[];
}

type Labels = Record<string, string>;

const fits = (sample: Sample, name: string, labels: Labels) => sample.name === name
  && Object.entries(labels).every(([label, value]) => sample.labels[label] === value);

export function sum(reading: Reading, name: string, labels: Labels = {}): number {
  return reading.samples.filter((one) => fits(one, name, labels))
    .reduce((total, one) => total + one.value, 0);
}

/** Per second, between two readings. A server that was restarted begins at zero again. */
export function rate(from: Reading, to: Reading, name: string, labels: Labels = {}): number {
  const seconds = (to.at - from.at) / 1000;
  const grown = sum(to, name, labels) - sum(from, name, labels);
  return seconds > 0 && grown > 0 ? grown / seconds : 0;
}

/** How many observations fell into each bucket between two readings; `le` is in seconds. */
export function histogram(from: Reading | null, to: Reading, name: string, labels: Labels = {}):
    { le: number; count: number }[] {
  const upTo = new Map<number, number>();
  const add = (reading: Reading, sign: number) => {
    for (const one of reading.samples) {
      if (!fits(one, `${name}_bucket`, labels)) continue;
      const le = one.labels.le === '+Inf' ? Infinity : Number(one.labels.le);
      upTo.set(le, (upTo.get(le) ?? 0) + sign * one.value);
    }
  };
  add(to, 1);
  if (from) add(from, -1);
  let below = 0;
  return [...upTo].sort(([a], [b]) => a - b).map(([le, total]) => {
    const count = Math.max(0, total - below);
    below = total;
    return { le, count };
  });
}

/** The bucket's upper end that holds that part of the observations; null when there are none. */
export function quantile(buckets: { le: number; count: number }[], part: number): number | null {
  const total = buckets.reduce((all, one) => all + one.count, 0);
  let seen = 0;
  for (const { le, count } of buckets) {
    seen += count;
    if (total > 0 && seen >= total * part) return le;
  }
  return null;
}
