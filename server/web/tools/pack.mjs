// SPDX-License-Identifier: Apache-2.0
// Packs what Vite made into the one file that msgd carries; server/page/web_page.cpp reads it.
//
//   node tools/pack.mjs FOLDER FILE
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, posix, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

const kTypes = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
  '.json': 'application/json', '.txt': 'text/plain; charset=utf-8',
};
const [, , folder, out] = process.argv;

function files(path) {
  return readdirSync(path).sort().flatMap((name) => {
    const file = join(path, name);
    return statSync(file).isDirectory() ? files(file) : [file];
  });
}

/** What those whose work the page contains ask to be told along with it. */
function licences() {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const inside = Object.entries(lock).filter(([path, one]) => path && !one.dev);
  return inside.map(([path, one]) => {
    const name = path.replace(/^.*node_modules\//, '');
    const file = readdirSync(path).find((entry) => /^licen[sc]e/i.test(entry));
    return `${name} ${one.version}\n\n${readFileSync(join(path, file), 'utf8').trim()}\n`;
  }).join(`\n${'-'.repeat(78)}\n\n`);
}
writeFileSync(join(folder, 'licences.txt'), licences());

const parts = [];
for (const file of files(folder)) {
  const type = kTypes[extname(file)];
  if (!type) throw new Error(`${file}: what is the media type of that?`);
  const bytes = readFileSync(file);
  const tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  const squeezed = gzipSync(bytes, { level: 9 });
  const gzip = squeezed.length < bytes.length * 0.9 ? squeezed : Buffer.alloc(0);
  const name = `/${relative(folder, file).split(sep).join(posix.sep)}`;
  // A page is found without its ending; the first one is the root.
  const path = name.replace(/^\/index\.html$/, '/').replace(/\.html$/, '');
  parts.push(`${path}\n${type}\n${tag}\n${bytes.length} ${gzip.length}\n`, bytes, gzip);
}
writeFileSync(out, Buffer.concat(parts.map((part) => Buffer.from(part))));
