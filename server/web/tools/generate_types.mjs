// SPDX-License-Identifier: Apache-2.0
// Writes src/msg/types.ts from the server's OpenAPI and AsyncAPI documents.
//
//   node tools/generate_types.mjs           writes it
//   node tools/generate_types.mjs --check   ends with 1 when what is there is not what it would write
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => JSON.parse(readFileSync(here(path), 'utf8'));
const openapi = read('../../http/openapi.json');
const asyncapi = read('../../live/asyncapi.json');
const out = here('../src/msg/types.ts');

const literal = (value) => JSON.stringify(value).replace(/^"(.*)"$/, "'$1'");
const named = (ref) => {
  const parts = ref.split('/');
  const at = parts.indexOf('schemas');
  const path = parts.slice(at + 2).filter((part) => part !== 'properties');
  return parts[at + 1] + path.map((part) => `['${part}']`).join('');
};

function object(schema) {
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const doc = property.description ? `/** ${property.description} */\n` : '';
    return `${doc}${name}${required.has(name) ? '' : '?'}: ${typeOf(property)};`;
  });
  return members.length ? `{\n${members.join('\n')}\n}` : 'Record<string, never>';
}

function primitive(name, schema) {
  if (name === 'integer' || name === 'number') return 'number';
  if (name === 'array') return `${wrap(typeOf(schema.items ?? {}))}[]`;
  if (name === 'object') return object(schema);
  return { string: 'string', boolean: 'boolean', null: 'null' }[name];
}

const wrap = (type) => (/[|&]/.test(type.replace(/\{[^]*\}/g, '')) ? `(${type})` : type);
const union = (types) => [...new Set(types)].join(' | ');

function typeOf(schema) {
  if (schema.$ref) return named(schema.$ref);
  if ('const' in schema) return literal(schema.const);
  if (schema.enum) return union(schema.enum.map(literal));
  // A choice that only says which members go together is no type of its own.
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice && choice.some((one) => one.type || one.$ref)) return union(choice.map(typeOf));
  if (schema.allOf) return schema.allOf.map(typeOf).join(' & ');
  if (Array.isArray(schema.type)) return union(schema.type.map((one) => primitive(one, schema)));
  return schema.type ? primitive(schema.type, schema) : 'unknown';
}

/** Two spaces for each brace that is open. */
function indent(text) {
  let depth = 0;
  return text.split('\n').map((line) => {
    const comment = line.startsWith('/**');
    if (!comment && line.startsWith('}')) depth -= 1;
    const indented = '  '.repeat(depth) + line;
    if (!comment && line.endsWith('{')) depth += 1;
    return indented.trimEnd();
  }).join('\n');
}

function declare(name, schema) {
  const doc = schema.description ? `/** ${schema.description} */\n` : '';
  const type = typeOf(schema);
  return type.startsWith('{') && !schema.oneOf && !schema.allOf
    ? `${doc}export interface ${name} ${type}\n`
    : `${doc}export type ${name} = ${type};\n`;
}

const declarations = [];
for (const [name, schema] of Object.entries(openapi.components.schemas)) {
  declarations.push(declare(name, schema));
}
for (const [name, schema] of Object.entries(asyncapi.components.schemas)) {
  declarations.push(declare(name === 'Error' ? 'FrameError' : name, schema));
}

const messages = asyncapi.components.messages;
const requests = [];
const events = [];
for (const [name, message] of Object.entries(messages)) {
  const reply = messages[`${name}Reply`];
  if (reply) {
    const { id, op, ...properties } = message.payload.properties;
    const required = (message.payload.required ?? []).filter((one) => one !== 'id' && one !== 'op');
    const ask = object({ properties, required });
    const result = typeOf(reply.payload.properties.result);
    requests.push(`/** ${message.summary} */\n'${op.const}': { ask: ${ask}; result: ${result} };`);
  } else if (name.endsWith('Event')) {
    const type = name.replace(/(^|_)(\w)/g, (_, __, c) => c.toUpperCase());
    declarations.push(declare(type, { ...message.payload, description: message.summary }));
    events.push(type);
  }
}
declarations.push(`/** What a client asks for by \`op\`, and what it is answered. */
export interface Requests {\n${requests.join('\n')}\n}\n`);
declarations.push(`export type LiveEventFrame =\n  | ${events.join('\n  | ')};\n`);

const text = `// SPDX-License-Identifier: Apache-2.0
// Made by tools/generate_types.mjs from server/http/openapi.json and server/live/asyncapi.json.

${declarations.map(indent).join('\n')}`;

if (process.argv.includes('--check')) {
  if (readFileSync(out, 'utf8') !== text) {
    console.error('src/msg/types.ts is not current: run npm run types in server/web');
    process.exit(1);
  }
} else {
  writeFileSync(out, text);
}
